-- When a customer was last heard of, and what it was, in each fact. One row per
-- customer.
{{ config(materialized='view', post_hook=[]) }}

with

-- Each fact is brought down to a row per customer before they meet.
last_seen as (

    select
        customer_id,
        'event' as fact,
        max(occurred_at) as last_at,
        {{ max_by('event_type', 'occurred_at') }} as last_type,
        cast(0 as bigint) as open_count
    from {{ ref('fct_events') }}
    group by customer_id

    union all

    select
        customer_id,
        'touch' as fact,
        max(sent_at) as last_at,
        {{ max_by('touch_channel', 'sent_at') }} as last_type,
        0 as open_count
    from {{ ref('fct_touches') }}
    group by customer_id

    union all

    select
        customer_id,
        'case' as fact,
        max(opened_at) as last_at,
        {{ max_by('case_type', 'opened_at') }} as last_type,
        count(*) filter (where not is_closed) as open_count
    from {{ ref('fct_service_cases') }}
    group by customer_id

    union all

    select
        customer_id,
        'guide' as fact,
        max({{ local_midnight('valid_from') }}) as last_at,
        {{ max_by('staff_code', local_midnight('valid_from')) }} as last_type,
        0 as open_count
    from {{ ref('dim_guide_assignments') }}
    where
        valid_from <= {{ as_of_date() }}
        and (valid_to is null or valid_to > {{ as_of_date() }})
    group by customer_id

),

final as (

    select
        customer_id,
        max(last_at) filter (where fact = 'event') as last_event_at,
        max(last_type) filter (where fact = 'event') as last_event_type,
        max(last_at) filter (where fact = 'touch') as last_touch_at,
        max(last_type) filter (where fact = 'touch') as last_touch_channel,
        max(last_at) filter (where fact = 'case') as last_case_at,
        max(last_type) filter (where fact = 'case') as last_case_type,
        max(open_count) filter (where fact = 'case') as open_case_count,
        max(last_type) filter (where fact = 'guide') as guide_staff_code
    from last_seen
    where customer_id is not null
    group by customer_id

)

select * from final
