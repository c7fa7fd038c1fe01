-- Profile tags of products. One row per product.

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
        coalesce(products.is_gift_set, false) as product_is_gift_set,
        coalesce(
            categories.product_category, departments.product_category, 'other'
        ) as product_category,
        products.consumption_days as product_consumption_days,
        products.formula_stage as product_formula_stage
    from products
    left join categories on products.category = categories.source_value
    left join departments on products.department = departments.source_value

)

select * from final
