-- Why, and why not: what records tie together, and what the rules say to it. One row
-- per anchor, other identifier, role, channel and record type (and month, for a subject
-- that has one owner at a time); refused_by is null where the tie counts.
{{ config(materialized='view') }}

with

evidence as (

    select * from {{ ref('int_identity__evidence') }}
    where anchor_key <> identifier_key

),

identifiers as not materialized (

    select * from {{ ref('int_identity__identifiers') }}

),

types as (

    select * from {{ ref('oneid_identifier_types') }}

),

final as (

    select
        evidence.anchor_key,
        evidence.anchor_type,
        evidence.anchor_scope,
        anchors.value as anchor_value,
        evidence.identifier_key,
        evidence.identifier_type,
        evidence.scope,
        evidence.value,
        evidence.role,
        evidence.channel_code,
        evidence.record_type,
        evidence.first_seen_at,
        evidence.last_seen_at,
        evidence.record_count,
        evidence.example_record_key,
        case
            when evidence.role <> types.linking_role then 'role_never_links'
            else coalesce(identifiers.blocked_reason, anchors.blocked_reason)
        end as refused_by
    from evidence
    inner join types on evidence.identifier_type = types.identifier_type
    inner join identifiers on evidence.identifier_key = identifiers.identifier_key
    inner join identifiers as anchors on evidence.anchor_key = anchors.identifier_key

)

select * from final
