-- Channel tags. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

purchases as not materialized (

    select * from {{ ref('int_purchases__orders') }}

),

-- The first order is the first paid one, whenever its channel was connected.
ranked_purchases as (

    select
        customer_id,
        channel_code,
        row_number() over (
            partition by customer_id
            order by paid_at asc, parent_order_key asc
        ) as purchase_number
    from purchases

),

first_purchases as (

    select * from ranked_purchases
    where purchase_number = 1

),

recent_channels as (

    select
        customer_id,
        count(distinct channel_code) as channel_count
    from purchases
    where paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
    group by customer_id

),

final as (

    select
        customers.customer_id,
        first_purchases.channel_code as channel_first_channel,
        coalesce(recent_channels.channel_count, 0) >= 2
            as channel_is_cross_channel_365d
    from customers
    left join first_purchases
        on customers.customer_id = first_purchases.customer_id
    left join recent_channels
        on customers.customer_id = recent_channels.customer_id

)

select * from final
