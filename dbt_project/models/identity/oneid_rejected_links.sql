-- Why not: ties that a rule refused. One row per rule, anchor and identifier.

with

evidence as (

    select * from {{ ref('oneid_evidence') }}
    where refused_by is not null

),

nodes as not materialized (

    select * from {{ ref('int_identity__nodes') }}

),

final as (

    select
        refused_by as rejected_by,
        anchor_key as identifier_key_a,
        identifier_key as identifier_key_b,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        sum(record_count) as record_count,
        cast(null as bigint) as holder_node_a,
        cast(null as bigint) as holder_node_b
    from evidence
    group by refused_by, anchor_key, identifier_key
    union all
    select
        'unique_type' as rejected_by,
        nodes_a.identifier_key as identifier_key_a,
        nodes_b.identifier_key as identifier_key_b,
        links.first_seen_at,
        links.last_seen_at,
        links.record_count,
        conflicts.holder_a as holder_node_a,
        conflicts.holder_b as holder_node_b
    from {{ ref('int_identity__unique_conflicts') }} as conflicts
    inner join {{ ref('oneid_links') }} as links
        on conflicts.a = links.a and conflicts.b = links.b
    inner join nodes as nodes_a on conflicts.a = nodes_a.node_id
    inner join nodes as nodes_b on conflicts.b = nodes_b.node_id
    union all
    select
        'quarantined' as rejected_by,
        nodes_a.identifier_key as identifier_key_a,
        nodes_b.identifier_key as identifier_key_b,
        links.first_seen_at,
        links.last_seen_at,
        links.record_count,
        null as holder_node_a,
        null as holder_node_b
    from {{ ref('int_identity__quarantined_links') }} as quarantined
    inner join {{ ref('oneid_links') }} as links
        on quarantined.a = links.a and quarantined.b = links.b
    inner join nodes as nodes_a on quarantined.a = nodes_a.node_id
    inner join nodes as nodes_b on quarantined.b = nodes_b.node_id
    union all
    select
        decision as rejected_by,
        identifier_key_a,
        identifier_key_b,
        decided_at as first_seen_at,
        decided_at as last_seen_at,
        0 as record_count,
        null as holder_node_a,
        null as holder_node_b
    from {{ ref('int_identity__reviewed_links') }}
    where decision = 'revoked'

)

select * from final
