-- What ties identifiers together, summed up. One row per anchor, identifier, role,
-- channel and record type; small whatever the number of records. An anchor also ties
-- itself.

with

observations as (

    select * from {{ ref('int_identity__observations') }}

),

final as (

    select
        anchor_key,
        anchor_type,
        anchor_scope,
        identifier_key,
        identifier_type,
        scope,
        value,
        role,
        channel_code,
        record_type,
        min(observed_at) as first_seen_at,
        max(observed_at) as last_seen_at,
        count(*) as record_count
    from observations
    group by
        anchor_key,
        anchor_type,
        anchor_scope,
        identifier_key,
        identifier_type,
        scope,
        value,
        role,
        channel_code,
        record_type

)

select * from final
