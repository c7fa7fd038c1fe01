-- Purchases by brand: what each order kept of each brand, parcels put together. The
-- one scan of all order lines behind brands, stages and signals. One row per customer,
-- brand and parent order.

with

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and customer_id is not null

),

-- The brand is the product's: one receipt of a store can hold several.
line_summary as (

    select
        order_key,
        brand_code,
        sum(net_amount) as net_amount
    from {{ ref('fct_order_lines') }}
    where
        is_valid_line
        and brand_code is not null
    group by order_key, brand_code

),

final as (

    select
        orders.customer_id,
        line_summary.brand_code,
        orders.parent_order_key,
        min(orders.paid_on) as paid_on,
        sum(line_summary.net_amount) as net_amount
    from line_summary
    inner join orders on line_summary.order_key = orders.order_key
    group by orders.customer_id, line_summary.brand_code, orders.parent_order_key

)

select * from final
