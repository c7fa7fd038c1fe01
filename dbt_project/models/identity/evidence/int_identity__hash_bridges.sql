-- Identifiers that a channel sends hashed, with the plain ones they are of: the hash is
-- computed here with the channel's key. One row per bridge and pair.
{{ config(materialized='view') }}

with

bridges as (

    select
        *,
        {{ hash_key('key_name') }} as hash_key
    from {{ ref('oneid_hash_bridges') }}

),

identifiers as not materialized (

    select * from {{ ref('int_identity__identifiers') }}
    where blocked_reason is null

),

hashed as (

    select
        bridges.hashed_type,
        bridges.link_tier,
        clear.identifier_key,
        case bridges.algorithm
            when 'sha256' then {{ sha256_hex('bridges.hash_key || clear.value') }}
            when 'md5' then {{ md5_hex('bridges.hash_key || clear.value') }}
        end as hash_value
    from bridges
    inner join identifiers as clear on bridges.plain_type = clear.identifier_type

),

final as (

    select
        sent.identifier_key as hashed_key,
        hashed.identifier_key as plain_key,
        hashed.link_tier,
        sent.first_seen_at,
        sent.last_seen_at,
        sent.record_count
    from identifiers as sent
    inner join hashed
        on
            sent.identifier_type = hashed.hashed_type
            and lower(sent.value) = hashed.hash_value

)

select * from final
