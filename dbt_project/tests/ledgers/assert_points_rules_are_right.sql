-- Mistakes in the rules of points, each with its file and line.
{{ config(meta={'dagster': {'ref': {'name': 'points_rules'}}}) }}

{% set faults %}

with

rules as (

    select
        *,
        {{ seed_line() }} as line_no
    from {{ ref('points_rules') }}

),

pools as (

    select * from {{ ref('points_pools') }}

),

terms as (

    select
        terms.*,
        rules.line_no
    from {{ ref('dim_points_terms') }} as terms
    inner join rules on terms.rule_code = rules.rule_code

),

tiers as (

    select distinct label from {{ ref('tag_cuts') }}
    where cut_set = 'member_tier'

),

promotions as (

    select distinct promotion_code from {{ ref('platform_promotions') }}

),

-- Days of an earning rule on which its points would have no end, or no use.
uncovered as (

    select
        earning.line_no,
        kinds.entry_kind
    from terms as earning
    cross join (values ('expire'), ('redeem')) as kinds (entry_kind)
    left join terms as needed
        on
            earning.pool_code = needed.pool_code
            and kinds.entry_kind = needed.entry_kind
            and (
                kinds.entry_kind = 'redeem' or earning.shop_code = needed.shop_code
            )
            and earning.valid_from <= needed.valid_to
            and earning.valid_to >= needed.valid_from
    where earning.entry_kind = 'earn' and earning.valid_from <= earning.valid_to
    group by
        earning.rule_code, earning.line_no, earning.shop_code,
        earning.valid_from, earning.valid_to, kinds.entry_kind
    having
        coalesce(sum(
            least(earning.valid_to, needed.valid_to)
            - greatest(earning.valid_from, needed.valid_from) + 1
        ), 0) < earning.valid_to - earning.valid_from + 1

),

-- Two rules that would both hold; spending in a shop comes out of one pool.
doubled as (

    select
        one.line_no,
        min(other.line_no) as other_line_no
    from terms as one
    inner join terms as other
        on
            one.shop_code = other.shop_code
            and (one.pool_code = other.pool_code or one.entry_kind = 'redeem')
            and one.entry_kind = other.entry_kind
            and (
                one.entry_kind = 'expire'
                or coalesce(one.condition_kind, '') = coalesce(other.condition_kind, '')
            )
            and (
                coalesce(one.condition_kind, '') <> 'tier'
                or one.condition_value = other.condition_value
            )
            and one.valid_from <= other.valid_to
            and one.valid_to >= other.valid_from
            and one.valid_from <= one.valid_to
            and other.valid_from <= other.valid_to
            and one.line_no > other.line_no
    group by one.line_no

),

judged_rules as (

    select
        rules.line_no,
        case
            when pools.pool_code is null then 'pool_code is none of points_pools'
            when
                rules.valid_from is null or rules.valid_to is null
                or rules.valid_from > rules.valid_to
                then 'valid_from and valid_to must be days in this order'
            when rules.entry_kind in ('earn', 'multiply', 'cap', 'redeem')
                and (rules.rate is null or rules.rate <= 0)
                then 'rate must be above zero'
            when rules.entry_kind = 'earn' and coalesce(rules.days, -1) < 0
                then 'days must say how long the return window is'
            when rules.entry_kind = 'cap' and rules.rate <> floor(rules.rate)
                then 'a cap is a whole number of points'
            when rules.entry_kind = 'multiply' and (
                rules.condition_kind is null
                or rules.condition_kind not in ('tier', 'birthday_month', 'promotion')
            ) then 'condition_kind must be tier, birthday_month or promotion'
            when rules.condition_kind = 'tier' and tiers.label is null
                then 'condition_value is no tier of tag_cuts'
            when rules.condition_kind = 'promotion' and promotions.promotion_code is null
                then 'condition_value is no promotion of platform_promotions'
            when rules.entry_kind = 'expire' and (
                rules.condition_kind is null
                or rules.condition_kind not in ('rolling', 'year_end')
            ) then 'condition_kind must be rolling or year_end'
            when rules.condition_kind = 'rolling'
                and (coalesce(rules.days, 0) < 1 or rules.month_day is not null)
                then 'a rolling end has days and no month_day'
            when rules.condition_kind = 'year_end' and (
                rules.days is not null
                or rules.month_day is null
                or rules.month_day !~ '^(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-9]|30|31)$'
                or rules.month_day in (
                    '02-29', '02-30', '02-31', '04-31', '06-31', '09-31', '11-31'
                )
            ) then 'a year_end has a month_day (MM-DD) and no days'
            when
                rules.entry_kind is null
                or rules.entry_kind not in (
                    'earn', 'multiply', 'cap', 'redeem', 'expire'
                )
                then 'entry_kind must be earn, multiply, cap, redeem or expire'
            when not exists (
                select 1 from {{ ref('dim_shops') }} as shops
                where
                    rules.channel_code in ('all', shops.channel_code)
                    and rules.brand_code in ('all', shops.brand_code)
            ) then 'no shop has this channel_code and brand_code'
        end as fault
    from rules
    left join pools on rules.pool_code = pools.pool_code
    left join tiers on rules.condition_value = tiers.label
    left join promotions on rules.condition_value = promotions.promotion_code

),

final as (

    select
        'points_rules' as seed,
        line_no,
        fault
    from judged_rules
    where fault is not null
    union all
    select
        'points_rules' as seed,
        line_no,
        'holds together with line ' || other_line_no
        || ' for a shop on the same day' as fault
    from doubled
    union all
    select distinct
        'points_rules' as seed,
        line_no,
        'needs a rule of kind ' || entry_kind || ' for each of its days' as fault
    from uncovered
    union all
    select
        'points_rules' as seed,
        max(line_no) as line_no,
        'rule_code ' || rule_code || ' stands there twice' as fault
    from rules
    group by rule_code
    having count(*) > 1

)

select * from final

{% endset %}

{{ stop_at_faults(faults) }}
