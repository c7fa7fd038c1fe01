-- Purchases by brand: what each order kept of each brand, parcels put together. The
-- one scan of all order lines behind brands, stages and signals. One row per customer,
-- brand and parent order.
{{ config(materialized='incremental', incremental_strategy='due_customers') }}

with

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and customer_id is not null
        and {{ is_due('int_facts__due') }}

),

-- The brand is the product's: one receipt of a store can hold several.
lines as (

    select * from {{ ref('fct_order_lines') }}
    where
        is_valid_line
        and brand_code is not null
        and {{ is_due('int_facts__due') }}

),

final as (

    select
        orders.customer_id,
        lines.brand_code,
        orders.parent_order_key,
        min(orders.paid_on) as paid_on,
        sum(lines.net_amount) as net_amount
    from lines
    inner join orders on lines.order_key = orders.order_key
    group by orders.customer_id, lines.brand_code, orders.parent_order_key

)

select * from final
