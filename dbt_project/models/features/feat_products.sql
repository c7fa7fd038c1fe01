-- What is known of an item whether or not anybody has bought it. One row per item. A
-- view, read once a month. Items change slowly and have no history: traits are today's.
{{ config(materialized='view') }}

with

products as (

    select * from {{ ref('dim_products') }}

),

categories as (

    select * from {{ ref('product_categories') }}
    where match_on = 'category'

),

departments as (

    select * from {{ ref('product_categories') }}
    where match_on = 'department'

),

final as (

    select
        products.product_key,
        products.item_code,
        products.name,
        products.department,
        products.category,
        products.product_type,
        products.brand_code,
        products.manufacturer_code,
        case
            when products.list_price_amount is not null
                then ntile(5) over (
                    partition by
                        products.category, products.list_price_amount is null
                    order by products.list_price_amount, products.product_key
                )
        end as price_band,
        -- The same as the tag product_category, which features may not read.
        coalesce(
            categories.product_category, departments.product_category, 'other'
        ) as product_category
    from products
    left join categories on products.category = categories.source_value
    left join departments on products.department = departments.source_value

)

select * from final
