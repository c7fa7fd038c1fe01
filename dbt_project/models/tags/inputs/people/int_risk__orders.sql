-- How the year's orders were paid and what came back of them. One row per customer with
-- an order in the year.

with

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and customer_id is not null

),

refunds as (

    select
        order_key,
        bool_or(refund_type = 'refund_only') as is_refund_only,
        bool_or(refund_type = 'return') as is_return
    from {{ ref('fct_refunds') }}
    where status = 'completed'
    group by order_key

),

purchases as (

    select
        orders.customer_id,
        orders.parent_order_key,
        min(orders.paid_on) as paid_on,
        bool_or(orders.coupon_amount > 0) as has_coupon,
        bool_or(coalesce(refunds.is_refund_only, false)) as is_refund_only,
        bool_or(coalesce(refunds.is_return, false)) as is_return
    from orders
    left join refunds on orders.order_key = refunds.order_key
    group by orders.customer_id, orders.parent_order_key

),

final as (

    select
        customer_id,
        count(*) as order_count,
        count(*) filter (where has_coupon) / cast(count(*) as numeric) as coupon_rate,
        count(*) filter (where is_refund_only) / cast(count(*) as numeric)
            as refund_only_rate,
        count(*) filter (where is_return) / cast(count(*) as numeric) as return_rate
    from purchases
    where paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
    group by customer_id

)

select * from final
