-- When somebody buys, over 365 days: hours, weekdays, months, days off; in all and in
-- the stores. One row per customer with a purchase in 365 days.

with

purchases as (

    select * from {{ ref('int_purchases__orders') }}
    where paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

dayparts as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'daypart_hour'
        and {{ as_of_date() }} between valid_from and valid_to

),

-- A pre-sale counts at the hour its balance was paid.
timed as (

    select
        purchases.customer_id,
        purchases.paid_at,
        purchases.net_amount,
        purchases.store_code is not null as is_store_order,
        dayparts.label as daypart,
        dates.weekday,
        dates.month,
        case when dates.is_working_day then 0 else 1 end as day_off
    from purchases
    inner join dates on purchases.paid_on = dates.date_day
    inner join dayparts
        on
            {{ local_hour('purchases.paid_at') }} >= dayparts.from_value
            and {{ local_hour('purchases.paid_at') }} < dayparts.to_value

),

-- Ties go to the latest, here and below.
daypart_summary as (

    select
        customer_id,
        daypart,
        row_number() over (
            partition by customer_id
            order by count(*) desc, max(paid_at) desc, daypart asc
        ) as daypart_number,
        count(*) filter (where is_store_order) as store_order_count,
        row_number() over (
            partition by customer_id
            order by
                count(*) filter (where is_store_order) desc,
                max(paid_at) filter (where is_store_order) desc nulls last,
                daypart asc
        ) as store_daypart_number
    from timed
    group by customer_id, daypart

),

main_dayparts as (

    select
        customer_id,
        min(daypart) filter (where daypart_number = 1) as main_daypart,
        min(daypart) filter (
            where store_daypart_number = 1 and store_order_count > 0
        ) as store_main_daypart
    from daypart_summary
    group by customer_id

),

weekday_summary as (

    select
        customer_id,
        weekday,
        row_number() over (
            partition by customer_id
            order by count(*) desc, max(paid_at) desc, weekday asc
        ) as weekday_number
    from timed
    group by customer_id, weekday

),

-- A month is strongest by what was spent and kept in it.
month_summary as (

    select
        customer_id,
        month,
        row_number() over (
            partition by customer_id
            order by sum(net_amount) desc, max(paid_at) desc, month asc
        ) as month_number
    from timed
    group by customer_id, month

),

day_off_summary as (

    select
        customer_id,
        cast(avg(day_off) as numeric(9, 4)) as day_off_rate,
        cast(avg(day_off) filter (where is_store_order) as numeric(9, 4))
            as store_day_off_rate
    from timed
    group by customer_id

),

final as (

    select
        day_off_summary.customer_id,
        day_off_summary.day_off_rate,
        day_off_summary.store_day_off_rate,
        main_dayparts.main_daypart,
        main_dayparts.store_main_daypart,
        weekday_summary.weekday as main_weekday,
        month_summary.month as peak_month
    from day_off_summary
    inner join main_dayparts
        on day_off_summary.customer_id = main_dayparts.customer_id
    inner join weekday_summary
        on
            day_off_summary.customer_id = weekday_summary.customer_id
            and weekday_summary.weekday_number = 1
    inner join month_summary
        on
            day_off_summary.customer_id = month_summary.customer_id
            and month_summary.month_number = 1

)

select * from final
