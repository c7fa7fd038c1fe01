-- What customers saw and said on content platforms, and whom they met. One row per
-- customer and event; mart_customer_timeline names them.
{{ config(materialized='view', post_hook=[]) }}

select
    interactions.customer_id,
    interactions.occurred_at,
    'content_' || interactions.interaction_type as event_type,
    interactions.channel_code,
    interactions.shop_code,
    interactions.interaction_key as subject_key,
    contents.title as detail,
    cast(null as numeric(18, 2)) as amount
from {{ ref('fct_interactions') }} as interactions
left join {{ ref('dim_contents') }} as contents
    on interactions.content_key = contents.content_key

union all

select
    customer_id,
    occurred_at,
    'ad_' || action as event_type,
    channel_code,
    shop_code,
    exposure_key as subject_key,
    campaign_name as detail,
    null as amount
from {{ ref('fct_ad_exposures') }}

union all

select
    customer_id,
    reviewed_at as occurred_at,
    'review_written' as event_type,
    channel_code,
    shop_code,
    review_key as subject_key,
    cast(rating as {{ dbt.type_string() }}) || '星' as detail,
    null as amount
from {{ ref('fct_reviews') }}

union all

select
    customer_id,
    submitted_at as occurred_at,
    'lead_' || lead_source as event_type,
    channel_code,
    shop_code,
    lead_key as subject_key,
    lead_id as detail,
    null as amount
from {{ ref('fct_leads') }}

union all

select
    sides.customer_id,
    referrals.occurred_at,
    'referral_' || sides.side || '_' || referrals.referral_kind as event_type,
    referrals.channel_code,
    referrals.shop_code,
    referrals.referral_key as subject_key,
    cast(sides.other_id as {{ dbt.type_string() }}) as detail,
    null as amount
from {{ ref('fct_referrals') }} as referrals
cross join
    lateral (
        values
        ('by', referrals.inviter_customer_id, referrals.invitee_customer_id),
        ('of', referrals.invitee_customer_id, referrals.inviter_customer_id)
    ) as sides (side, customer_id, other_id)

union all

select
    contacts.customer_id,
    steps.occurred_at,
    'friend_' || steps.step as event_type,
    contacts.channel_code,
    contacts.shop_code,
    contacts.guide_contact_key as subject_key,
    contacts.staff_code as detail,
    null as amount
from {{ ref('fct_guide_contacts') }} as contacts
cross join
    lateral (
        values
        ('added', contacts.added_at),
        ('deleted', contacts.deleted_at)
    ) as steps (step, occurred_at)
where steps.occurred_at is not null

union all

select
    guide_tasks.customer_id,
    steps.occurred_at,
    'task_' || steps.step as event_type,
    guide_tasks.channel_code,
    guide_tasks.shop_code,
    guide_tasks.guide_task_key as subject_key,
    concat_ws(' ', guide_tasks.staff_code, steps.remark) as detail,
    null as amount
from {{ ref('fct_guide_tasks') }} as guide_tasks
cross join
    lateral (
        values
        ('assigned', guide_tasks.assigned_at, guide_tasks.task_type),
        ('done', guide_tasks.done_at, guide_tasks.outcome)
    ) as steps (step, occurred_at, remark)
where steps.occurred_at is not null
