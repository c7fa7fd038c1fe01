-- Stays in a tier of the group programme: reached at once, kept to the end of the year
-- after, lost with the refund that takes its spend. One row per member and stay.

with

days as (

    select * from {{ ref('fct_member_spend_days') }}

),

tiers as (

    select * from {{ ref('tag_cuts') }}
    where cut_set = 'member_tier'

),

judged_days as (

    select
        days.customer_id,
        days.judged_on,
        tiers.label as tier,
        tiers.from_value,
        lag(tiers.label) over (
            partition by days.customer_id order by days.judged_on
        ) as previous_tier,
        lag(tiers.from_value) over (
            partition by days.customer_id order by days.judged_on
        ) as previous_from_value
    from days
    inner join tiers
        on
            days.judged_on between tiers.valid_from and tiers.valid_to
            and greatest(days.this_year_amount, days.last_year_amount, 0)
            >= tiers.from_value
            and (
                tiers.to_value is null
                or greatest(days.this_year_amount, days.last_year_amount, 0)
                < tiers.to_value
            )

),

final as (

    select
        customer_id,
        tier,
        previous_tier,
        case
            when previous_tier is null then 'joined'
            when from_value > previous_from_value then 'up'
            else 'down'
        end as tier_change,
        judged_on as from_on,
        lead(judged_on) over (
            partition by customer_id order by judged_on
        ) - 1 as to_on
    from judged_days
    where previous_tier is null or previous_tier <> tier

)

select * from final
