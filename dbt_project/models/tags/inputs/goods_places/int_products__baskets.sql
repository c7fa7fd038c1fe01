-- Baskets of the last 365 days that affinity is counted in. One row per basket and
-- product. Keys are hashes, so the remainder picks a fair sample that is the same all
-- day: however large the business, at most some max_basket_count baskets are counted.

with

rules as (

    select * from {{ ref('affinity_rules') }}

),

purchases as not materialized (

    select * from {{ ref('int_products__purchases') }}

),

categories as (

    select * from {{ ref('tags_product_profile') }}

),

basket_sizes as (

    select
        parent_order_key,
        count(*) as product_count
    from purchases
    group by parent_order_key

),

basket_total as (

    select count(*) as basket_count from basket_sizes

),

-- A cart of a canteen or a reseller says nothing of what goes together, and costs most.
sampled as (

    select basket_sizes.parent_order_key
    from basket_sizes
    cross join basket_total
    cross join rules
    where
        basket_sizes.product_count <= rules.max_basket_products
        and abs(mod(basket_sizes.parent_order_key, basket_total.basket_count))
        < rules.max_basket_count

),

ranked as (

    select
        purchases.product_key,
        row_number() over (
            order by count(*) desc, purchases.product_key asc
        ) as product_rank
    from purchases
    inner join sampled on purchases.parent_order_key = sampled.parent_order_key
    group by purchases.product_key

),

final as (

    select
        purchases.parent_order_key,
        purchases.product_key,
        categories.product_category,
        ranked.product_rank <= rules.top_product_count as is_top_product
    from purchases
    inner join sampled on purchases.parent_order_key = sampled.parent_order_key
    inner join ranked on purchases.product_key = ranked.product_key
    inner join categories on purchases.product_key = categories.product_key
    cross join rules

)

select * from final
