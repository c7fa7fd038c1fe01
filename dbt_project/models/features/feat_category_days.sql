-- Which customer bought which of the categories of the group, when and where. One row
-- per customer, category, day and place. A view, read once a month; leak-free by its
-- grain, as feat_product_days is. What belongs to no category is left out.
{{ config(materialized='view') }}

with

product_days as (

    select * from {{ ref('feat_product_days') }}

),

products as (

    select * from {{ ref('feat_products') }}
    where product_category <> 'other'

),

final as (

    select distinct
        product_days.customer_id,
        products.product_category,
        product_days.paid_on,
        product_days.place_code
    from product_days
    inner join products on product_days.product_key = products.product_key

)

select * from final
