-- Where a product's list price stands in its category (0 = cheapest, 1 = dearest) and
-- the band of that. One row per product with a list price.

with

products as (

    select * from {{ ref('dim_products') }}
    where list_price_amount > 0

),

bands as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'price_position_band'
        and {{ as_of_date() }} between valid_from and valid_to

),

-- The share of the category's products that cost less, and half of those that cost the
-- same: a product alone in its category stands in the middle.
placed_products as (

    select
        product_key,
        cast(
            (
                rank() over (
                    partition by category
                    order by list_price_amount
                ) - 1
                + count(*) over (partition by category, list_price_amount) / 2.0
            ) / count(*) over (partition by category) as numeric(9, 4)
        ) as price_position
    from products

),

final as (

    select
        placed_products.product_key,
        placed_products.price_position,
        bands.label as price_band
    from placed_products
    left join bands
        on
            placed_products.price_position >= bands.from_value
            and (
                bands.to_value is null
                or placed_products.price_position < bands.to_value
            )

)

select * from final
