-- Who is another sync's to reach: in a group of syncs that must not both have a
-- customer, the first by priority that can send has them. A sync can send who is in its
-- segment, has agreed, and is left by the other rules. One row per sync that gives way
-- and customer.

with

ranked as (

    select
        priorities.collision_group,
        priorities.priority,
        syncs.name as sync,
        syncs.spec ->> 'segment' as segment_code,
        syncs.spec -> 'consent' ->> 'legal_entity' as legal_entity,
        syncs.spec -> 'consent' ->> 'brand' as brand_code,
        syncs.spec -> 'consent' ->> 'channel' as contact_channel,
        syncs.spec -> 'consent' ->> 'purpose' as purpose
    from {{ ref('sync_priorities') }} as priorities
    inner join {{ source('activation', 'syncs') }} as syncs
        on priorities.sync = syncs.name

),

latest_consents as (

    select distinct on (customer_id, legal_entity, contact_channel, purpose)
        customer_id,
        legal_entity,
        contact_channel,
        purpose,
        status
    from {{ ref('fct_consents') }}
    where occurred_on <= {{ as_of_date() }}
    order by
        customer_id asc,
        legal_entity asc,
        contact_channel asc,
        purpose asc,
        occurred_at desc,
        status desc

),

reached as (

    select
        ranked.collision_group,
        ranked.priority,
        ranked.sync,
        members.customer_id
    from ranked
    inner join {{ ref('segment_members') }} as members
        on ranked.segment_code = members.segment_code
    inner join latest_consents as agreed
        on
            members.customer_id = agreed.customer_id
            and ranked.legal_entity = agreed.legal_entity
            and ranked.contact_channel = agreed.contact_channel
            and ranked.purpose = agreed.purpose
            and agreed.status = 'granted'
    left join {{ ref('protect_rules') }} as rules
        on
            members.customer_id = rules.customer_id
            and (rules.sync is null or ranked.sync = rules.sync)
            and (
                rules.contact_channel is null
                or ranked.contact_channel = rules.contact_channel
            )
            and (
                rules.legal_entity is null
                or ranked.legal_entity = rules.legal_entity
            )
            and (rules.brand_code is null or ranked.brand_code = rules.brand_code)
            and (rules.purpose is null or ranked.purpose = rules.purpose)
    where rules.customer_id is null

),

final as (

    select distinct
        later.sync,
        reached.customer_id
    from reached
    inner join ranked as later
        on
            reached.collision_group = later.collision_group
            and reached.priority < later.priority

)

select * from final
