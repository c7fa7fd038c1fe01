-- Hours of purchases in 365 days, in all and in the stores. One row per customer and
-- daypart bought in.
{{ config(materialized='incremental', incremental_strategy='due_customers') }}

with

purchases as (

    select * from {{ ref('int_purchases__orders') }}
    where
        paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        and {{ is_due('int_purchases__due') }}

),

dayparts as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'daypart_hour'
        and {{ as_of_date() }} between valid_from and valid_to

),

-- Counted by the hour first: dayparts are then looked up for hours, not for orders.
hour_summary as (

    select
        customer_id,
        {{ local_hour('paid_at') }} as paid_hour,
        count(*) as order_count,
        count(*) filter (where store_code is not null) as store_order_count,
        max(paid_at) as last_paid_at,
        max(paid_at) filter (where store_code is not null) as store_last_paid_at
    from purchases
    group by customer_id, {{ local_hour('paid_at') }}

),

-- A pre-sale counts at the hour its balance was paid.
final as (

    select
        hour_summary.customer_id,
        dayparts.label as daypart,
        sum(hour_summary.order_count) as order_count,
        sum(hour_summary.store_order_count) as store_order_count,
        max(hour_summary.last_paid_at) as last_paid_at,
        max(hour_summary.store_last_paid_at) as store_last_paid_at
    from hour_summary
    inner join dayparts
        on
            hour_summary.paid_hour >= dayparts.from_value
            and hour_summary.paid_hour < dayparts.to_value
    group by hour_summary.customer_id, dayparts.label

)

select * from final
