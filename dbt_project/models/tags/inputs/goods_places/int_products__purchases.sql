-- What was bought of each product in one payment, in the last 365 days. One row per
-- product and parent order. The two big facts meet here once for all tags of goods.

with

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}

),

lines as (

    select * from {{ ref('fct_order_lines') }}
    where
        is_valid_line
        and product_key is not null
        and paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}

),

final as (

    select
        lines.product_key,
        orders.parent_order_key,
        min(orders.customer_id) as customer_id,
        min(orders.channel_code) as channel_code,
        min(orders.store_code) as store_code,
        min(orders.paid_on) as paid_on,
        cast(sum(lines.quantity) as numeric(18, 3)) as quantity,
        -- A line without a list price is sold at it.
        cast(
            sum(coalesce(lines.list_amount, lines.goods_amount)) as numeric(18, 2)
        ) as list_amount,
        cast(sum(lines.goods_amount) as numeric(18, 2)) as goods_amount,
        cast(sum(lines.net_amount) as numeric(18, 2)) as net_amount
    from lines
    inner join orders on lines.order_key = orders.order_key
    group by lines.product_key, orders.parent_order_key

)

select * from final
