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
        count(*) as row_count
    from {{ ref('fct_events') }}
    group by customer_id

    union all

    select
        customer_id,
        'touch' as fact,
        max(sent_at) as last_at,
        {{ max_by('touch_channel', 'sent_at') }} as last_type,
        count(*) as row_count
    from {{ ref('fct_touches') }}
    group by customer_id

    union all

    select
        customer_id,
        'case' as fact,
        max(opened_at) as last_at,
        {{ max_by('case_type', 'opened_at') }} as last_type,
        count(*) filter (where not is_closed) as row_count
    from {{ ref('fct_service_cases') }}
    group by customer_id

    union all

    select
        customer_id,
        'interaction' as fact,
        max(occurred_at) as last_at,
        {{ max_by('interaction_type', 'occurred_at') }} as last_type,
        count(*) as row_count
    from {{ ref('fct_interactions') }}
    group by customer_id

    union all

    select
        customer_id,
        'exposure' as fact,
        max(occurred_at) as last_at,
        {{ max_by('action', 'occurred_at') }} as last_type,
        count(*) as row_count
    from {{ ref('fct_ad_exposures') }}
    group by customer_id

    union all

    select
        customer_id,
        'review' as fact,
        max(reviewed_at) as last_at,
        {{ max_by('cast(rating as ' ~ dbt.type_string() ~ ')', 'reviewed_at') }}
            as last_type,
        count(*) as row_count
    from {{ ref('fct_reviews') }}
    group by customer_id

    union all

    select
        customer_id,
        'lead' as fact,
        max(submitted_at) as last_at,
        {{ max_by('status', 'submitted_at') }} as last_type,
        count(*) as row_count
    from {{ ref('fct_leads') }}
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
        max(row_count) filter (where fact = 'case') as open_case_count,
        max(last_at) filter (where fact = 'interaction') as last_interaction_at,
        max(last_type) filter (where fact = 'interaction') as last_interaction_type,
        max(last_at) filter (where fact = 'exposure') as last_exposure_at,
        max(last_at) filter (where fact = 'review') as last_review_at,
        cast(max(last_type) filter (where fact = 'review') as int) as last_rating,
        max(row_count) filter (where fact = 'review') as review_count,
        max(last_at) filter (where fact = 'lead') as last_lead_at,
        max(last_type) filter (where fact = 'lead') as last_lead_status
    from last_seen
    where customer_id is not null
    group by customer_id

)

select * from final
