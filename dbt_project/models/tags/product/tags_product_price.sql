-- Price tags of products: where an item stands in its category, what it sells at. One
-- row per product.

with

products as (

    select * from {{ ref('dim_products') }}

),

categories as (

    select * from {{ ref('tags_product_profile') }}

),

purchases as not materialized (

    select * from {{ ref('int_products__purchases') }}
    where paid_on > {{ dbt.dateadd('day', -90, as_of_date()) }}

),

price_bands as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'product_price_band'
        and {{ as_of_date() }} between valid_from and valid_to

),

category_medians as (

    select
        categories.product_category,
        cast(
            percentile_cont(0.5) within group (order by products.list_price_amount)
            as numeric(18, 4)
        ) as median_amount
    from products
    inner join categories on products.product_key = categories.product_key
    where products.list_price_amount > 0
    group by categories.product_category

),

sales as (

    select
        product_key,
        count(*) as order_count,
        count(*) filter (where goods_amount < list_amount)
            as promoted_order_count,
        sum(quantity) as quantity,
        sum(list_amount) as list_amount,
        sum(goods_amount) as goods_amount
    from purchases
    group by product_key

),

final as (

    select
        products.product_key,
        products.list_price_amount as product_list_price_amount,
        price_bands.label as product_price_band,
        cast(
            sales.goods_amount / nullif(sales.quantity, 0) as numeric(18, 2)
        ) as product_sold_price_amount_90d,
        cast(
            1 - sales.goods_amount / nullif(sales.list_amount, 0) as numeric(9, 4)
        ) as product_discount_rate_90d,
        cast(
            cast(sales.promoted_order_count as numeric(18, 4)) / sales.order_count
            as numeric(9, 4)
        ) as product_promoted_order_rate_90d
    from products
    inner join categories on products.product_key = categories.product_key
    left join category_medians
        on categories.product_category = category_medians.product_category
    left join price_bands
        on
            products.list_price_amount
            >= price_bands.from_value * category_medians.median_amount
            and (
                price_bands.to_value is null
                or products.list_price_amount
                < price_bands.to_value * category_medians.median_amount
            )
    left join sales on products.product_key = sales.product_key

)

select * from final
