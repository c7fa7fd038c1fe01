-- Recommendation tags: what to offer next, of the newest published lists. One row per
-- customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

products as (

    select * from {{ ref('dim_products') }}

),

-- Lists are of the month after the one they have seen; then they are stale.
categories as (

    select * from {{ source('ml', 'category_recommendation') }}
    where
        kind = 'any'
        and {{ score_holds('base_date') }}

),

items as (

    select * from {{ source('ml', 'product_recommendation') }}
    where
        list_position = 1
        and {{ score_holds('base_date') }}

),

category_summary as (

    select
        customer_id,
        max(product_category) filter (where list_position = 1) as first_category,
        max(product_category) filter (where list_position = 2) as second_category,
        max(product_category) filter (where list_position = 3) as third_category
    from categories
    group by customer_id

),

item_summary as (

    select
        items.customer_id,
        max(products.item_code) filter (where items.slot = 'replenish')
            as replenish_item,
        max(products.item_code) filter (where items.slot = 'discover')
            as discover_item
    from items
    inner join products on items.product_key = products.product_key
    group by items.customer_id

),

final as (

    select
        customers.customer_id,
        category_summary.first_category as recommendation_next_category,
        category_summary.second_category as recommendation_next_category_second,
        category_summary.third_category as recommendation_next_category_third,
        item_summary.replenish_item as recommendation_replenish_item,
        item_summary.discover_item as recommendation_discover_item
    from customers
    left join category_summary
        on customers.customer_id = category_summary.customer_id
    left join item_summary on customers.customer_id = item_summary.customer_id

)

select * from final
