-- Mistakes in what ties identifiers or keeps them apart, each with its file and line. No
-- link is made before they are mended. What reviewed links name is looked up in
-- assert_reviewed_links_exist.
{{ config(meta={'dagster': {'ref': {'name': 'oneid_revoked_links'}}}) }}

{% set faults %}

with

types as (

    select
        *,
        {{ seed_line() }} as line_no
    from {{ ref('oneid_identifier_types') }}

),

reviewed as (

    select
        'oneid_revoked_links' as seed,
        {{ seed_line() }} as line_no,
        *
    from {{ ref('oneid_revoked_links') }}
    union all
    select
        'oneid_forced_links' as seed,
        {{ seed_line() }} as line_no,
        *
    from {{ ref('oneid_forced_links') }}
    union all
    select
        'oneid_fuzzy_reviews' as seed,
        line_no,
        identifier_type_a,
        scope_a,
        value_a,
        identifier_type_b,
        scope_b,
        value_b,
        decided_on,
        decided_by,
        reason
    from (
        select
            *,
            {{ seed_line() }} as line_no
        from {{ ref('oneid_fuzzy_reviews') }}
    ) as reviews

),

named_types as (

    select seed, line_no, identifier_type_a as identifier_type from reviewed
    union all
    select seed, line_no, identifier_type_b as identifier_type from reviewed

),

trust as (

    select
        numbered.*,
        row_number() over (
            partition by channel_code, record_type order by line_no
        ) as occurrence_no
    from (
        select
            *,
            {{ seed_line() }} as line_no
        from {{ ref('oneid_channel_trust') }}
    ) as numbered

),

final as (

    select
        named_types.seed,
        named_types.line_no,
        coalesce(named_types.identifier_type, '(nothing)')
        || ' is no identifier type' as fault
    from named_types
    left join types on named_types.identifier_type = types.identifier_type
    where types.identifier_type is null
    union all
    select
        seed,
        line_no,
        'decided_on and decided_by say who decided when' as fault
    from reviewed
    where decided_on is null or decided_by is null
    union all
    select
        'oneid_hash_bridges' as seed,
        bridges.line_no,
        case
            when hashed_types.identifier_type is null
                then bridges.hashed_type || ' is no identifier type that links'
            when plain_types.identifier_type is null
                then bridges.plain_type || ' is no identifier type that links'
            else 'the key is not set: QUANYU_HASH_KEY_' || upper(bridges.key_name)
        end as fault
    from (
        select
            *,
            {{ seed_line() }} as line_no
        from {{ ref('oneid_hash_bridges') }}
    ) as bridges
    left join types as hashed_types
        on
            bridges.hashed_type = hashed_types.identifier_type
            and hashed_types.links
    left join types as plain_types
        on bridges.plain_type = plain_types.identifier_type and plain_types.links
    where
        hashed_types.identifier_type is null
        or plain_types.identifier_type is null
        or {{ hash_key('bridges.key_name') }} is null
    union all
    select
        'oneid_channel_trust' as seed,
        trust.line_no,
        'the confidence of ' || trust.record_type || ' must lie between 0 and 1, once'
            as fault
    from trust
    where
        trust.occurrence_no > 1
        or trust.confidence is null
        or trust.confidence not between 0 and 1

)

select * from final

{% endset %}

{{ stop_at_faults(faults) }}
