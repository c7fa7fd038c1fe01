-- The calendar of the group, 2015 to 2026. One row per day.

with

days as (

    {{ dbt_utils.date_spine(
        datepart='day',
        start_date="cast('2015-01-01' as date)",
        end_date="cast('2027-01-01' as date)",
    ) }}

),

weekdays as (

    select
        cast(date_day as date) as date_day,
        {{ dbt.datediff(dbt.date_trunc('week', 'date_day'), 'date_day', 'day') }}
        + 1 as weekday
    from days

),

shifted_days as (

    select * from {{ ref('working_days') }}

),

festivals as (

    select * from {{ ref('lunar_festivals') }}

),

promotions as (

    select * from {{ ref('platform_promotions') }}

),

-- Platforms open on different days: a day belongs to a promotion once one has begun.
promotion_days as (

    select
        weekdays.date_day,
        max(promotions.promotion_code) as promotion_code
    from weekdays
    inner join promotions
        on weekdays.date_day between promotions.starts_on and promotions.ends_on
    group by weekdays.date_day

),

final as (

    select
        weekdays.date_day,
        cast(extract(year from weekdays.date_day) as int) as year,
        cast(extract(month from weekdays.date_day) as int) as month,
        cast(extract(week from weekdays.date_day) as int) as iso_week,
        weekdays.weekday,
        coalesce(shifted_days.is_working_day, weekdays.weekday <= 5) as is_working_day,
        shifted_days.holiday_name,
        festivals.festival,
        promotion_days.promotion_code
    from weekdays
    left join shifted_days on weekdays.date_day = shifted_days.date_day
    left join festivals on weekdays.date_day = festivals.falls_on
    left join promotion_days on weekdays.date_day = promotion_days.date_day

)

select * from final
