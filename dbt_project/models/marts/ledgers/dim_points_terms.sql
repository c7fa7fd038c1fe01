-- The rules of points spelled out per shop, from the day its pool starts; a promotion's
-- multiplier for the days of each of its windows. One row per rule, shop and window.

with

rules as (

    select * from {{ ref('points_rules') }}

),

pools as (

    select * from {{ ref('points_pools') }}

),

shops as (

    select * from {{ ref('dim_shops') }}

),

windows as (

    select * from {{ ref('platform_promotions') }}

),

final as (

    select
        rules.rule_code,
        shops.shop_code,
        rules.pool_code,
        rules.entry_kind,
        rules.condition_kind,
        rules.condition_value,
        cast(rules.rate as numeric(18, 4)) as rate,
        rules.days,
        rules.month_day,
        greatest(rules.valid_from, pools.starts_on, windows.starts_on) as valid_from,
        least(rules.valid_to, windows.ends_on) as valid_to
    from rules
    inner join pools on rules.pool_code = pools.pool_code
    inner join shops
        on
            (rules.channel_code = 'all' or rules.channel_code = shops.channel_code)
            and (rules.brand_code = 'all' or rules.brand_code = shops.brand_code)
    left join windows
        on
            rules.condition_kind = 'promotion'
            and rules.condition_value = windows.promotion_code
            and shops.channel_code = windows.channel_code
    where
        rules.condition_kind is null
        or rules.condition_kind <> 'promotion'
        or windows.promotion_code is not null

)

select * from final
