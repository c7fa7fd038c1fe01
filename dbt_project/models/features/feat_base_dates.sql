-- The month ends that features are built for: the scoring day and up to twelve earlier
-- origins whose next month is over. One row per base_date.

with

dates as (

    select * from {{ ref('dim_dates') }}

),

purchase_days as (

    select * from {{ ref('feat_purchase_days') }}

),

history as (

    select min(paid_on) as first_paid_on from purchase_days

),

month_ends as (

    select
        date_day as base_date,
        cast({{ dbt.dateadd('day', 1, 'date_day') }} as date) as label_from,
        row_number() over (order by date_day desc) as months_back
    from dates
    where
        date_day <= {{ as_of_date() }}
        and date_day = {{ dbt.last_day('date_day', 'month') }}

),

origins as (

    select
        month_ends.*,
        {{ dbt.datediff('history.first_paid_on', 'month_ends.label_from', 'day') }}
            as history_days
    from month_ends
    inner join history
        on month_ends.base_date >= history.first_paid_on

),

final as (

    select
        base_date,
        months_back = 1 as is_scoring,
        label_from,
        cast({{ dbt.last_day('label_from', 'month') }} as date) as label_to,
        history_days
    from origins
    -- An origin with less than a quarter of history teaches the wrong habits.
    where months_back = 1 or (months_back <= 13 and history_days >= 90)

)

select * from final
