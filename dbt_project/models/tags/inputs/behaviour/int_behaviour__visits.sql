-- Visits to the channels that have events. One row per customer ever seen there.
{{ config(materialized='incremental', incremental_strategy='due_customers') }}

with

hours as (

    select * from {{ ref('int_behaviour__hours') }}
    where {{ is_due('int_behaviour__due') }}

),

dayparts as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'daypart_hour'
        and {{ as_of_date() }} between valid_from and valid_to

),

days as (

    select
        customer_id,
        occurred_on,
        sum(visit_count) as visit_count,
        sum(view_count) as view_count,
        sum(search_count) as search_count,
        sum(cart_add_count) as cart_add_count,
        sum(check_in_count) as check_in_count,
        sum(share_count) as share_count,
        max(last_searched_at) as last_searched_at,
        {{ max_by('last_keyword', 'last_searched_at') }} as last_keyword
    from hours
    group by customer_id, occurred_on

),

visits as (

    select
        customer_id,
        max(occurred_on) filter (where visit_count > 0) as last_visit_on,
        count(*) filter (
            where
            visit_count > 0
            and occurred_on > {{ dbt.dateadd('day', -7, as_of_date()) }}
        ) as active_days_7d,
        count(*) filter (
            where
            visit_count > 0
            and occurred_on > {{ dbt.dateadd('day', -30, as_of_date()) }}
        ) as active_days_30d,
        sum(view_count) filter (
            where occurred_on > {{ dbt.dateadd('day', -30, as_of_date()) }}
        ) as view_count_30d,
        sum(search_count) filter (
            where occurred_on > {{ dbt.dateadd('day', -30, as_of_date()) }}
        ) as search_count_30d,
        sum(cart_add_count) filter (
            where occurred_on > {{ dbt.dateadd('day', -30, as_of_date()) }}
        ) as cart_add_count_30d,
        count(*) filter (
            where
            check_in_count > 0
            and occurred_on > {{ dbt.dateadd('day', -30, as_of_date()) }}
        ) as check_in_days_30d,
        sum(share_count) filter (
            where occurred_on > {{ dbt.dateadd('day', -90, as_of_date()) }}
        ) as share_count_90d,
        {{ max_by('last_keyword', 'last_searched_at') }} as last_keyword
    from days
    group by customer_id

),

-- Habits of half a year: the part of the day and the channel met most, ties to the
-- latest.
dayparts_met as (

    select
        hours.customer_id,
        dayparts.label as daypart,
        row_number() over (
            partition by hours.customer_id
            order by
                sum(hours.visit_count) desc,
                max(hours.last_visited_at) desc,
                dayparts.label asc
        ) as place
    from hours
    inner join dayparts
        on
            hours.hour_of_day >= dayparts.from_value
            and hours.hour_of_day < dayparts.to_value
    where
        hours.visit_count > 0
        and hours.occurred_on > {{ dbt.dateadd('day', -180, as_of_date()) }}
    group by hours.customer_id, dayparts.label

),

channels_met as (

    select
        customer_id,
        channel_code,
        row_number() over (
            partition by customer_id
            order by sum(visit_count) desc, max(last_visited_at) desc, channel_code asc
        ) as place
    from hours
    where
        visit_count > 0
        and occurred_on > {{ dbt.dateadd('day', -180, as_of_date()) }}
    group by customer_id, channel_code

),

final as (

    select
        visits.*,
        -- Active days of a week beside those of a month, each per day: 1 is "as ever".
        (visits.active_days_7d / 7.0) / nullif(visits.active_days_30d / 30.0, 0)
            as activity_ratio,
        dayparts_met.daypart as main_daypart_180d,
        channels_met.channel_code as main_channel_180d
    from visits
    left join dayparts_met
        on visits.customer_id = dayparts_met.customer_id and dayparts_met.place = 1
    left join channels_met
        on visits.customer_id = channels_met.customer_id and channels_met.place = 1
    where visits.last_visit_on is not null

)

select * from final
