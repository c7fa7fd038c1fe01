-- The pairs of days between which flows are counted: month ends and the days of the
-- seed flow_days, as of base_date. One row per period. The days they begin on are the
-- days that int_flow__past looks back to.
{{ config(materialized='view') }}

with

flow_days as (

    select * from {{ ref('flow_days') }}

),

months as (

    select
        units_ago,
        {{ dbt.date_trunc('month', as_of_date()) }} as this_month
    from flow_days
    where unit = 'month'

),

month_periods as (

    select
        units_ago,
        cast(
            {{ dbt.dateadd('month', '1 - units_ago', 'this_month') }} as date
        ) as begins_after,
        cast(
            {{ dbt.dateadd('month', '2 - units_ago', 'this_month') }} as date
        ) as ends_after
    from months

),

final as (

    select
        'month' as period,
        cast({{ dbt.dateadd('day', -1, 'begins_after') }} as date) as from_on,
        -- The last one is under way.
        case
            when units_ago = 1 then {{ as_of_date() }}
            else cast({{ dbt.dateadd('day', -1, 'ends_after') }} as date)
        end as to_on
    from month_periods
    union all
    select
        cast(units_ago as text) || 'd' as period,
        cast(
            {{ dbt.dateadd('day', '-units_ago', as_of_date()) }} as date
        ) as from_on,
        {{ as_of_date() }} as to_on
    from flow_days
    where unit = 'day'

)

select * from final
