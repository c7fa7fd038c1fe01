-- How regularly a customer buys: the median of the days between days with a kept
-- purchase. One row per customer who kept something; the rhythm is null after one day.
{{ config(materialized='incremental', incremental_strategy='due_customers') }}

with

purchase_days as (

    select distinct
        customer_id,
        paid_on
    from {{ ref('int_purchases__orders') }}
    where
        is_kept
        and {{ is_due('int_purchases__due') }}

),

intervals as (

    select
        customer_id,
        paid_on,
        {{ dbt.datediff(
            'lag(paid_on) over (partition by customer_id order by paid_on)',
            'paid_on',
            'day',
        ) }} as interval_days
    from purchase_days

),

final as (

    select
        customer_id,
        min(paid_on) as first_kept_on,
        max(paid_on) as last_kept_on,
        -- Of two middle ones the shorter: a day somebody really waited.
        percentile_disc(0.5) within group (order by interval_days) as rhythm_days
    from intervals
    group by customer_id

)

select * from final
