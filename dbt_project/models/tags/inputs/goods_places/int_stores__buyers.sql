-- Who bought at each store in the last 365 days. One row per store and customer.

with

purchases as (

    select * from {{ ref('int_stores__purchases') }}
    where customer_id is not null

),

first_moments as (

    select
        customer_id,
        min(paid_at) as paid_at
    from {{ ref('int_purchases__orders') }}
    group by customer_id

),

final as (

    select
        purchases.store_code,
        purchases.customer_id,
        bool_or(customers.is_member) as is_member,
        count(*) as order_count,
        max(purchases.paid_on) as last_paid_on,
        -- The customer came to the group here: the first order in any channel.
        bool_or(purchases.paid_at = first_moments.paid_at) as is_new_customer
    from purchases
    inner join {{ ref('dim_customers') }} as customers
        on purchases.customer_id = customers.customer_id
    left join first_moments on purchases.customer_id = first_moments.customer_id
    group by purchases.store_code, purchases.customer_id

)

select * from final
