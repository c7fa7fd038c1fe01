-- Items of the group with brand and attributes. One row per item.

with

items as (

    select * from {{ ref('int_products__unioned') }}

),

category_brands as (

    select * from {{ ref('product_brands') }}
    where match_on = 'category'

),

department_brands as (

    select * from {{ ref('product_brands') }}
    where match_on = 'department'

),

category_attributes as (

    select * from {{ ref('product_attributes') }}
    where product_type is null

),

type_attributes as (

    select * from {{ ref('product_attributes') }}
    where product_type is not null

),

final as (

    select
        items.product_key,
        items.item_code,
        items.barcode,
        items.name,
        items.department,
        items.category,
        items.product_type,
        coalesce(
            category_brands.brand_code,
            department_brands.brand_code,
            '{{ var("default_brand_code") }}'
        ) as brand_code,
        items.manufacturer_code,
        items.list_price_amount,
        items.is_gift_set
        or coalesce(
            type_attributes.is_gift_set, category_attributes.is_gift_set, false
        ) as is_gift_set,
        coalesce(
            type_attributes.consumption_days, category_attributes.consumption_days
        ) as consumption_days,
        type_attributes.formula_stage
    from items
    left join category_brands on items.category = category_brands.source_value
    left join department_brands on items.department = department_brands.source_value
    left join category_attributes on items.category = category_attributes.category
    left join type_attributes
        on
            items.category = type_attributes.category
            and items.product_type = type_attributes.product_type

)

select * from final
