-- The nodes of today's graph. One row per identifier free to link and tenure.
{{ config(indexes=[{'columns': ['identifier_key']}]) }}

select
    registry.node_id,
    tenures.identifier_key,
    tenures.tenure_no,
    registry.identifier_type,
    registry.scope,
    registry.value,
    identifiers.type_rank,
    identifiers.first_seen_at,
    tenures.valid_from,
    tenures.valid_to
from {{ ref('int_identity__tenures') }} as tenures
inner join {{ ref('oneid_identifiers') }} as registry
    on
        tenures.identifier_key = registry.identifier_key
        and tenures.tenure_no = registry.tenure_no
inner join {{ ref('int_identity__identifiers') }} as identifiers
    on tenures.identifier_key = identifiers.identifier_key
