-- Prices and discounts of what was bought in 365 days, per brand: the one scan of order
-- lines that the price family shares with the purchase family. One row per customer and
-- brand.

with

lines as (

    select * from {{ ref('fct_order_lines') }}
    where
        is_valid_line
        and line_type = 'sale'
        and customer_id is not null
        and paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}

),

products as (

    select * from {{ ref('int_prices__products') }}

),

bands as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'price_band'
        and {{ as_of_date() }} between valid_from and valid_to

),

-- Goods sent back say nothing about the price somebody chooses: positions go by what
-- was kept. Discounts go by what was bought.
brand_summary as (

    select
        lines.customer_id,
        lines.brand_code,
        count(*) as line_count,
        count(distinct lines.product_key) as product_count,
        sum(lines.list_amount) as list_amount,
        sum(lines.goods_amount) as goods_amount,
        coalesce(sum(lines.goods_amount) filter (
            where lines.goods_amount < lines.list_amount
        ), 0) as discounted_amount,
        sum(lines.goods_amount / lines.quantity) as unit_price_total,
        max(lines.goods_amount / lines.quantity) as max_unit_price,
        sum(lines.net_amount) filter (
            where products.price_position is not null
        ) as placed_amount,
        sum(lines.net_amount * products.price_position) as position_total,
        sum(lines.net_amount) filter (
            where products.price_band = 'premium'
        ) as premium_amount,
        sum(lines.net_amount) filter (
            where
            products.price_position is not null
            and lines.paid_on > {{ dbt.dateadd('day', -180, as_of_date()) }}
        ) as placed_amount_180d,
        sum(lines.net_amount * products.price_position) filter (
            where lines.paid_on > {{ dbt.dateadd('day', -180, as_of_date()) }}
        ) as position_total_180d
    from lines
    left join products on lines.product_key = products.product_key
    group by lines.customer_id, lines.brand_code

),

positioned as (

    select
        *,
        cast(position_total / nullif(placed_amount, 0) as numeric(9, 4))
            as price_position
    from brand_summary

),

final as (

    select
        positioned.*,
        bands.label as price_band
    from positioned
    left join bands
        on
            positioned.brand_code = bands.scope
            and positioned.price_position >= bands.from_value
            and (bands.to_value is null or positioned.price_position < bands.to_value)

)

select * from final
