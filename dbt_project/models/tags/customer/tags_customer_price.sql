-- Price tags. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

brands as (

    select * from {{ ref('int_prices__brands') }}

),

cuts as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set in ('price_band', 'price_shift', 'price_discount_dependence')
        and scope = 'all'
        and {{ as_of_date() }} between valid_from and valid_to

),

brand_totals as (

    select
        customer_id,
        sum(line_count) as line_count,
        sum(list_amount) as list_amount,
        sum(goods_amount) as goods_amount,
        sum(discounted_amount) as discounted_amount,
        sum(unit_price_total) as unit_price_total,
        max(max_unit_price) as max_unit_price,
        sum(premium_amount) as premium_amount,
        sum(placed_amount) as placed_amount,
        sum(position_total) as position_total,
        sum(placed_amount_180d) as placed_amount_180d,
        sum(position_total_180d) as position_total_180d,
        min(price_band) filter (where brand_code = 'baby') as baby_band,
        min(price_band) filter (where brand_code = 'ginseng') as ginseng_band,
        min(price_band) filter (where brand_code = 'skincare') as skincare_band
    from brands
    group by customer_id

),

summary as (

    select
        *,
        cast(position_total / nullif(placed_amount, 0) as numeric(9, 4))
            as price_position,
        -- Up or down against the earlier part of the year.
        round(
            position_total_180d / nullif(placed_amount_180d, 0)
            - (position_total - position_total_180d)
            / nullif(placed_amount - placed_amount_180d, 0), 4
        ) as position_shift,
        cast(coalesce(premium_amount, 0) / nullif(placed_amount, 0) as numeric(9, 4))
            as premium_amount_rate,
        cast(discounted_amount / nullif(goods_amount, 0) as numeric(9, 4))
            as discounted_amount_rate
    from brand_totals

),

final as (

    select
        customers.customer_id,
        bands.label as price_band_365d,
        summary.price_position as price_position_rate_365d,
        summary.baby_band as price_baby_band_365d,
        summary.ginseng_band as price_ginseng_band_365d,
        summary.skincare_band as price_skincare_band_365d,
        shifts.label as price_shift_365d,
        summary.premium_amount_rate as price_premium_amount_rate_365d,
        cast(summary.unit_price_total / summary.line_count as numeric(18, 2))
            as price_unit_amount_365d,
        cast(summary.max_unit_price as numeric(18, 2)) as price_max_unit_amount_365d,
        cast(
            (summary.list_amount - summary.goods_amount)
            / nullif(summary.list_amount, 0) as numeric(9, 4)
        ) as price_discount_rate_365d,
        summary.discounted_amount_rate as price_discounted_amount_rate_365d,
        dependences.label as price_discount_dependence_365d
    from customers
    left join summary on customers.customer_id = summary.customer_id
    left join cuts as bands
        on
            bands.cut_set = 'price_band'
            and summary.price_position >= bands.from_value
            and (bands.to_value is null or summary.price_position < bands.to_value)
    left join cuts as shifts
        on
            shifts.cut_set = 'price_shift'
            and summary.position_shift >= shifts.from_value
            and (shifts.to_value is null or summary.position_shift < shifts.to_value)
    left join cuts as dependences
        on
            dependences.cut_set = 'price_discount_dependence'
            and summary.discounted_amount_rate >= dependences.from_value
            and (
                dependences.to_value is null
                or summary.discounted_amount_rate < dependences.to_value
            )

)

select * from final
