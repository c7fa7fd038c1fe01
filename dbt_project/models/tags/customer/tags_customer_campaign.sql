-- Campaign tags. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

-- Who unsubscribes has received the message; a failed send has reached nobody.
received as (

    select
        customer_id,
        count(*) as touch_count
    from {{ ref('fct_touches') }}
    where
        customer_id is not null
        and status in ('delivered', 'unsubscribed')
        and sent_on > {{ dbt.dateadd('day', -30, as_of_date()) }}
    group by customer_id

),

final as (

    select
        customers.customer_id,
        coalesce(received.touch_count, 0) as campaign_touch_count_30d
    from customers
    left join received on customers.customer_id = received.customer_id

)

select * from final
