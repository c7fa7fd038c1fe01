-- What customers did, were sent, allowed and complained of. One row per customer and
-- event; mart_customer_timeline names them.
{{ config(materialized='view', post_hook=[]) }}

select
    customer_id,
    occurred_at,
    'event_' || event_type as event_type,
    channel_code,
    shop_code,
    event_key as subject_key,
    keyword as detail,
    cast(null as numeric(18, 2)) as amount
from {{ ref('fct_events') }}

union all

select
    touches.customer_id,
    steps.occurred_at,
    'touch_' || steps.step as event_type,
    touches.channel_code,
    touches.shop_code,
    touches.touch_key as subject_key,
    concat_ws(' ', touches.touch_channel, touches.campaign_code) as detail,
    null as amount
from {{ ref('fct_touches') }} as touches
cross join
    lateral (
        values
        (touches.status, touches.sent_at),
        ('clicked', touches.clicked_at)
    ) as steps (step, occurred_at)
where steps.occurred_at is not null

union all

select
    customer_id,
    occurred_at,
    'consent_' || status as event_type,
    channel_code,
    shop_code,
    consent_key as subject_key,
    contact_channel || ' ' || purpose as detail,
    null as amount
from {{ ref('fct_consents') }}

union all

select
    customer_id,
    opened_at as occurred_at,
    'case_' || case_type as event_type,
    channel_code,
    shop_code,
    case_key as subject_key,
    case_id as detail,
    null as amount
from {{ ref('fct_service_cases') }}

union all

select
    assignments.customer_id,
    {{ local_midnight('steps.happened_on') }} as occurred_at,
    'guide_' || steps.step as event_type,
    'pos' as channel_code,
    null as shop_code,
    {{ bigint_key(['assignments.customer_id', 'assignments.staff_code']) }}
        as subject_key,
    assignments.staff_code as detail,
    null as amount
from {{ ref('dim_guide_assignments') }} as assignments
cross join
    lateral (
        values
        ('assigned', assignments.valid_from),
        ('unassigned', assignments.valid_to)
    ) as steps (step, happened_on)
where steps.happened_on <= {{ as_of_date() }}
