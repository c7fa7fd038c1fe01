-- When somebody buys, over 365 days: hours, weekdays, months, days off; in all and in
-- the stores. One row per customer with a purchase in 365 days.
{{ config(materialized='incremental', incremental_strategy='due_customers') }}

with

purchases as (

    select * from {{ ref('int_purchases__orders') }}
    where
        paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        and {{ is_due('int_purchases__due') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

dayparts as (

    select * from {{ ref('int_purchases__dayparts') }}
    where {{ is_due('int_purchases__due') }}

),

timed as (

    select
        purchases.customer_id,
        purchases.paid_at,
        purchases.net_amount,
        purchases.store_code is not null as is_store_order,
        dates.weekday,
        dates.month,
        case when dates.is_working_day then 0 else 1 end as day_off
    from purchases
    inner join dates on purchases.paid_on = dates.date_day

),

-- Ties go to the latest. One list of all habits, shares of days off among them: best
-- choices joined to each other are taken for a handful of rows by planners, which then
-- compare everybody with everybody.
habits as (

    select
        customer_id,
        'daypart' as habit,
        daypart as choice,
        order_count as weight,
        last_paid_at
    from dayparts
    union all
    select
        customer_id,
        'store_daypart' as habit,
        daypart as choice,
        store_order_count as weight,
        store_last_paid_at as last_paid_at
    from dayparts
    where store_order_count > 0
    union all
    select
        customer_id,
        'weekday' as habit,
        cast(weekday as {{ dbt.type_string() }}) as choice,
        count(*) as weight,
        max(paid_at) as last_paid_at
    from timed
    group by customer_id, weekday
    union all
    -- A month is strongest by what was spent and kept in it.
    select
        customer_id,
        'month' as habit,
        cast(month as {{ dbt.type_string() }}) as choice,
        sum(net_amount) as weight,
        max(paid_at) as last_paid_at
    from timed
    group by customer_id, month
    union all
    select
        customer_id,
        'day_off' as habit,
        null as choice,
        avg(day_off) as weight,
        max(paid_at) as last_paid_at
    from timed
    group by customer_id
    union all
    select
        customer_id,
        'store_day_off' as habit,
        null as choice,
        avg(day_off) as weight,
        max(paid_at) as last_paid_at
    from timed
    where is_store_order
    group by customer_id

),

ranked as (

    select
        *,
        row_number() over (
            partition by customer_id, habit
            order by weight desc, last_paid_at desc, choice asc
        ) as choice_number
    from habits

),

final as (

    select
        customer_id,
        max(choice) filter (where habit = 'daypart') as main_daypart,
        max(choice) filter (where habit = 'store_daypart') as store_main_daypart,
        cast(max(choice) filter (where habit = 'weekday') as integer) as main_weekday,
        cast(max(choice) filter (where habit = 'month') as integer) as peak_month,
        cast(max(weight) filter (where habit = 'day_off') as numeric(9, 4))
            as day_off_rate,
        cast(max(weight) filter (where habit = 'store_day_off') as numeric(9, 4))
            as store_day_off_rate
    from ranked
    where choice_number = 1
    group by customer_id

)

select * from final
