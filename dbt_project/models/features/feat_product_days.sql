-- Which customer bought which item on which day, and where. One row per customer, item,
-- day and place. A view: a model reads it once a month, and a table of all order lines
-- would be built anew every day. Leak-free by its grain: a row is known from its day,
-- and a model cuts at the base_date. Employees are left out.
{{ config(materialized='view') }}

with

order_lines as (

    select * from {{ ref('fct_order_lines') }}
    where
        is_valid_line
        and customer_id is not null
        and product_key is not null

),

customers as (

    select * from {{ ref('dim_customers') }}
    where not is_employee

),

final as (

    select distinct
        order_lines.customer_id,
        order_lines.product_key,
        order_lines.paid_on,
        coalesce(order_lines.store_code, order_lines.shop_code) as place_code
    from order_lines
    inner join customers on order_lines.customer_id = customers.customer_id

)

select * from final
