-- Days on which customers bought a product category that a campaign under way is
-- about. One row per customer, day and product category.
{{ config(materialized='view') }}

with

lines as (

    select * from {{ ref('fct_order_lines') }}
    where is_valid_line

),

products as (

    select * from {{ ref('tags_product_profile') }}

),

categories as (

    select
        product_category,
        min(before_from_on) as from_on,
        max(measured_to) as to_on
    from {{ ref('int_campaigns__populations') }}
    where product_category is not null
    group by product_category

),

final as (

    select distinct
        lines.customer_id,
        lines.paid_on,
        categories.product_category
    from lines
    inner join products on lines.product_key = products.product_key
    inner join categories
        on
            products.product_category = categories.product_category
            and lines.paid_on between categories.from_on and categories.to_on

)

select * from final
