-- Who bought each product in the last 365 days, and how often. One row per product and
-- customer.

with

purchases as (

    select * from {{ ref('int_products__purchases') }}
    where customer_id is not null

),

-- The first payment of each customer's life, without sorting all payments for it.
first_moments as (

    select
        customer_id,
        min(paid_at) as paid_at
    from {{ ref('int_purchases__orders') }}
    group by customer_id

),

first_orders as (

    select orders.parent_order_key
    from {{ ref('int_purchases__orders') }} as orders
    inner join first_moments
        on
            orders.customer_id = first_moments.customer_id
            and orders.paid_at = first_moments.paid_at
    where orders.paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}

),

final as (

    select
        purchases.product_key,
        purchases.customer_id,
        count(*) as order_count,
        min(purchases.paid_on) as first_paid_on,
        max(purchases.paid_on) as last_paid_on,
        -- The customer came to the group with this product in the first basket.
        count(first_orders.parent_order_key) > 0 as is_new_customer
    from purchases
    left join first_orders
        on purchases.parent_order_key = first_orders.parent_order_key
    group by purchases.product_key, purchases.customer_id

)

select * from final
