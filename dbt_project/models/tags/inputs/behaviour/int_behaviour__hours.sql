-- What people do in the channels that have events: the one scan of all events that the
-- behaviour family shares. One row per customer, channel, day and hour.
{{ config(materialized='incremental', incremental_strategy='due_customers') }}

with

events as (

    select
        *,
        {{ local_hour('occurred_at') }} as hour_of_day,
        case when event_type = 'search' then occurred_at end as searched_at
    from {{ ref('fct_events') }}
    where
        customer_id is not null
        and {{ is_due('int_facts__due') }}
        and event_type in (
            'page_view',
            'product_view',
            'add_to_cart',
            'remove_from_cart',
            'search',
            'check_in',
            'share'
        )

),

final as (

    select
        customer_id,
        channel_code,
        occurred_on,
        hour_of_day,
        -- Who only shares something need not have looked at anything.
        max(case when event_type <> 'share' then occurred_at end) as last_visited_at,
        count(*) filter (where event_type <> 'share') as visit_count,
        -- A page of a product is a view of it, whatever the channel calls it.
        count(*) filter (
            where
            event_type in ('page_view', 'product_view')
            and product_key is not null
        ) as view_count,
        count(*) filter (where event_type = 'search') as search_count,
        count(*) filter (where event_type = 'add_to_cart') as cart_add_count,
        count(*) filter (where event_type = 'check_in') as check_in_count,
        count(*) filter (where event_type = 'share') as share_count,
        max(searched_at) as last_searched_at,
        {{ max_by('keyword', 'searched_at') }} as last_keyword
    from events
    group by customer_id, channel_code, occurred_on, hour_of_day

)

select * from final
