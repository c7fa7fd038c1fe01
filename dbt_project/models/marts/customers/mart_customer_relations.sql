-- Who a customer belongs with: guides, and people who brought or were brought. One row
-- per customer who does.
{{ config(materialized='view', post_hook=[]) }}

with

-- Each fact is brought down to a row per customer before they meet.
ties as (

    select
        customer_id,
        'guide' as fact,
        {{ max_by('staff_code', local_midnight('valid_from')) }} as who,
        cast(null as timestamptz) as last_at,
        count(*) as row_count
    from {{ ref('dim_guide_assignments') }}
    where
        valid_from <= {{ as_of_date() }}
        and (valid_to is null or valid_to > {{ as_of_date() }})
    group by customer_id

    union all

    select
        customer_id,
        'contact' as fact,
        null as who,
        max(added_at) as last_at,
        count(*) filter (where is_current) as row_count
    from {{ ref('fct_guide_contacts') }}
    group by customer_id

    union all

    select
        customer_id,
        'task' as fact,
        null as who,
        max(assigned_at) as last_at,
        count(*) filter (where done_at is null) as row_count
    from {{ ref('fct_guide_tasks') }}
    group by customer_id

    union all

    select
        sides.customer_id,
        sides.fact,
        {{ max_by(
            'cast(sides.other_id as ' ~ dbt.type_string() ~ ')', 'referrals.occurred_at'
        ) }} as who,
        max(referrals.occurred_at) as last_at,
        count(distinct sides.other_id) as row_count
    from {{ ref('fct_referrals') }} as referrals
    cross join
        lateral (
            values
            ('invitee', referrals.inviter_customer_id, referrals.invitee_customer_id),
            ('inviter', referrals.invitee_customer_id, referrals.inviter_customer_id)
        ) as sides (fact, customer_id, other_id)
    where referrals.referral_kind = 'inviter'
    group by sides.customer_id, sides.fact

),

final as (

    select
        customer_id,
        max(who) filter (where fact = 'guide') as guide_staff_code,
        max(row_count) filter (where fact = 'contact') as guide_contact_count,
        max(last_at) filter (where fact = 'contact') as last_guide_contact_at,
        max(row_count) filter (where fact = 'task') as open_task_count,
        max(last_at) filter (where fact = 'task') as last_task_at,
        max(row_count) filter (where fact = 'invitee') as invitee_count,
        cast(max(who) filter (where fact = 'inviter') as bigint) as inviter_customer_id
    from ties
    where customer_id is not null
    group by customer_id

)

select * from final
