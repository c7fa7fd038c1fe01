-- Purchases: valid orders, parcels split from one payment put together. One row per
-- customer and parent order.
{{ config(materialized='incremental', incremental_strategy='due_customers') }}

with

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and customer_id is not null
        and {{ is_due('int_facts__due') }}

),

final as (

    select
        customer_id,
        parent_order_key,
        min(channel_code) as channel_code,
        min(paid_at) as paid_at,
        min(paid_on) as paid_on,
        cast(sum(goods_amount) as numeric(18, 2)) as goods_amount,
        cast(sum(net_amount) as numeric(18, 2)) as net_amount,
        cast(sum(list_amount) as numeric(18, 2)) as list_amount,
        cast(sum(shop_discount_amount + platform_discount_amount) as numeric(18, 2))
            as discount_amount,
        cast(sum(coupon_amount) as numeric(18, 2)) as coupon_amount,
        bool_or(order_type = 'presale') as is_presale,
        -- What was sent back whole counts as an order, but does not renew recency.
        sum(net_amount) > 0 as is_kept,
        cast(sum(refunded_amount) as numeric(18, 2)) as refunded_amount,
        min(store_code) as store_code,
        coalesce(bool_or(staff_code is not null), false) as is_guided
    from orders
    group by customer_id, parent_order_key

)

select * from final
