-- An order's goods are the sum of its lines, and so are its refunds. A warning: lines
-- may arrive a day after their order; the rows name the orders.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'fct_orders'}}}) }}

with

line_summary as (

    select
        order_key,
        sum(goods_amount) as goods_amount,
        sum(refunded_amount) as refunded_amount
    from {{ ref('fct_order_lines') }}
    group by order_key

)

select
    orders.channel_code,
    orders.order_id,
    orders.goods_amount,
    line_summary.goods_amount as lines_goods_amount,
    orders.refunded_amount,
    line_summary.refunded_amount as lines_refunded_amount
from {{ ref('fct_orders') }} as orders
left join line_summary on orders.order_key = line_summary.order_key
where
    orders.goods_amount <> coalesce(line_summary.goods_amount, 0)
    or orders.refunded_amount <> coalesce(line_summary.refunded_amount, 0)
