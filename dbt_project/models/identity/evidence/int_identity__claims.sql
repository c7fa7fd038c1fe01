-- Which anchor (account) claims which identifier, from when until when. One row per
-- anchor and identifier, both free to link.
{{ config(indexes=[{'columns': ['identifier_key']}]) }} -- tenures look claims up

with

evidence as (

    select * from {{ ref('int_identity__evidence') }}

),

types as (

    select * from {{ ref('oneid_identifier_types') }}

),

trust as (

    select * from {{ ref('oneid_channel_trust') }}

),

free_identifiers as not materialized (

    select * from {{ ref('int_identity__identifiers') }}
    where blocked_reason is null

),

-- A profile (member record) and a changed binding (换绑) state what is so now; an order
-- or event only what was used.
ties as (

    select
        evidence.anchor_key,
        evidence.identifier_key,
        evidence.identifier_type,
        types.changes_hands,
        types.link_tier as tier,
        min(evidence.first_seen_at) as first_seen_at,
        max(evidence.last_seen_at) as last_seen_at,
        min(evidence.first_seen_at) filter (
            where evidence.record_type in ('member', 'id_change')
        ) as first_profile_at,
        max(evidence.last_seen_at) filter (
            where evidence.record_type in ('member', 'id_change')
        ) as last_profile_at,
        sum(evidence.record_count) as record_count,
        max(coalesce(trust.confidence, 0.5)) as confidence
    from evidence
    inner join types
        on
            evidence.identifier_type = types.identifier_type
            and evidence.role = types.linking_role
    inner join free_identifiers
        on evidence.identifier_key = free_identifiers.identifier_key
    inner join free_identifiers as free_anchors
        on evidence.anchor_key = free_anchors.identifier_key
    left join trust
        on
            evidence.channel_code = trust.channel_code
            and evidence.record_type = trust.record_type
    where evidence.anchor_key <> evidence.identifier_key
    group by
        evidence.anchor_key,
        evidence.identifier_key,
        evidence.identifier_type,
        types.changes_hands,
        types.link_tier

),

-- A claim ends when the account's profile goes on with another value of the same type,
-- in any case after it was last shown (two values may take turns for a while).
successions as (

    select
        held.anchor_key,
        held.identifier_key,
        min(greatest(
            later.first_profile_at,
            {{ dbt.dateadd(
                'second', 1, 'coalesce(held.last_profile_at, held.last_seen_at)'
            ) }}
        )) as ended_at
    from ties as held
    inner join ties as later
        on
            held.anchor_key = later.anchor_key
            and held.identifier_type = later.identifier_type
            and held.identifier_key <> later.identifier_key
            and later.last_profile_at
            > coalesce(held.last_profile_at, held.last_seen_at)
    where held.changes_hands
    group by held.anchor_key, held.identifier_key

),

final as (

    select
        ties.anchor_key,
        ties.identifier_key,
        ties.first_seen_at,
        ties.last_seen_at,
        successions.ended_at,
        ties.record_count,
        ties.tier,
        ties.confidence
    from ties
    left join successions
        on
            ties.anchor_key = successions.anchor_key
            and ties.identifier_key = successions.identifier_key

)

select * from final
