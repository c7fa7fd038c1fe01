-- The rhythm of somebody's buying days, that is days with a purchase that was not sent
-- back whole: gaps, months, streak. One row per customer with such a day.
{{ config(materialized='incremental', incremental_strategy='due_customers') }}

with

buying_days as (

    select
        customer_id,
        paid_on,
        lag(paid_on) over (
            partition by customer_id
            order by paid_on
        ) as previous_paid_on
    from {{ ref('int_purchases__orders') }}
    where
        is_kept
        and {{ is_due('int_purchases__due') }}
    group by customer_id, paid_on

),

-- A gap counts when both of its days lie within the year.
day_summary as (

    select
        customer_id,
        max(paid_on) as last_paid_on,
        count(*) filter (
            where paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ) as day_count_365d,
        avg({{ dbt.datediff('previous_paid_on', 'paid_on', 'day') }}) filter (
            where previous_paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ) as gap_days,
        stddev_samp({{ dbt.datediff('previous_paid_on', 'paid_on', 'day') }}) filter (
            where previous_paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ) as gap_deviation_days
    from buying_days
    group by customer_id

),

buying_months as (

    select
        customer_id,
        {{ dbt.datediff('paid_on', as_of_date(), 'month') }} as months_ago,
        bool_or(
            paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ) as is_within_365d
    from buying_days
    group by customer_id, {{ dbt.datediff('paid_on', as_of_date(), 'month') }}

),

numbered_months as (

    select
        *,
        min(months_ago) over (partition by customer_id) as latest_months_ago,
        row_number() over (
            partition by customer_id
            order by months_ago
        ) as month_number
    from buying_months

),

-- Months in a row up to the latest one. The family asks whether that one is over.
month_summary as (

    select
        customer_id,
        count(*) filter (where is_within_365d) as month_count_365d,
        count(*) filter (
            where months_ago - month_number = latest_months_ago - 1
        ) as month_streak_count
    from numbered_months
    group by customer_id

),

final as (

    select
        day_summary.customer_id,
        day_summary.last_paid_on,
        day_summary.day_count_365d,
        cast(round(day_summary.gap_days) as integer) as gap_days,
        cast(
            day_summary.gap_deviation_days / day_summary.gap_days as numeric(9, 4)
        ) as gap_deviation,
        month_summary.month_count_365d,
        month_summary.month_streak_count
    from day_summary
    inner join month_summary
        on day_summary.customer_id = month_summary.customer_id

)

select * from final
