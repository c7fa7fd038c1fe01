-- Links of the identity graph. One row per pair of nodes, a < b; those that the unique
-- types refuse are in oneid_rejected_links.

with

claims as (

    select * from {{ ref('int_identity__claims') }}

),

nodes as not materialized (

    select * from {{ ref('int_identity__nodes') }}

),

forced as (

    select * from {{ ref('int_identity__reviewed_links') }}
    where decision = 'forced'

),

revoked as (

    select * from {{ ref('int_identity__reviewed_links') }}
    where decision = 'revoked'

),

candidates as (

    select
        'same_record' as link_rule,
        anchor_key as identifier_key_a,
        identifier_key as identifier_key_b,
        tier,
        confidence,
        first_seen_at,
        last_seen_at,
        ended_at,
        record_count
    from claims
    union all
    select
        'forced' as link_rule,
        identifier_key_a,
        identifier_key_b,
        0 as tier,
        1.0 as confidence,
        decided_at as first_seen_at,
        decided_at as last_seen_at,
        null as ended_at,
        0 as record_count
    from forced
    union all
    select
        'hash_bridge' as link_rule,
        hashed_key as identifier_key_a,
        plain_key as identifier_key_b,
        link_tier as tier,
        1.0 as confidence,
        first_seen_at,
        last_seen_at,
        null as ended_at,
        record_count
    from {{ ref('int_identity__hash_bridges') }}

),

-- An account ties itself to the tenure in which it first showed the identifier.
tied as (

    select
        least(anchor_nodes.node_id, claimed_nodes.node_id) as a,
        greatest(anchor_nodes.node_id, claimed_nodes.node_id) as b,
        candidates.link_rule,
        candidates.tier,
        candidates.confidence,
        candidates.first_seen_at,
        candidates.last_seen_at,
        candidates.ended_at,
        candidates.record_count
    from candidates
    inner join nodes as anchor_nodes
        on
            candidates.identifier_key_a = anchor_nodes.identifier_key
            and candidates.first_seen_at
            >= coalesce(anchor_nodes.valid_from, candidates.first_seen_at)
            and (
                candidates.first_seen_at < anchor_nodes.valid_to
                or anchor_nodes.valid_to is null
            )
    inner join nodes as claimed_nodes
        on
            candidates.identifier_key_b = claimed_nodes.identifier_key
            and candidates.first_seen_at
            >= coalesce(claimed_nodes.valid_from, candidates.first_seen_at)
            and (
                candidates.first_seen_at < claimed_nodes.valid_to
                or claimed_nodes.valid_to is null
            )
    left join revoked
        on
            least(candidates.identifier_key_a, candidates.identifier_key_b)
            = revoked.identifier_key_a
            and greatest(candidates.identifier_key_a, candidates.identifier_key_b)
            = revoked.identifier_key_b
    where revoked.identifier_key_a is null

),

final as (

    select
        a,
        b,
        min(link_rule) as link_rule,
        min(tier) as tier,
        max(confidence) as confidence,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        case when count(ended_at) = count(*) then max(ended_at) end as valid_to,
        sum(record_count) as record_count
    from tied
    where a <> b
    group by a, b

)

select * from final
