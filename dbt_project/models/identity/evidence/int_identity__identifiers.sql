-- Every identifier ever seen and why it may not link, if so. One row per identifier.

with

evidence as (

    select * from {{ ref('int_identity__evidence') }}

),

types as (

    select * from {{ ref('oneid_identifier_types') }}

),

blocked_values as (

    select * from {{ ref('oneid_blocked_values') }}

),

blocked_patterns as (

    select * from {{ ref('oneid_blocked_patterns') }}

),

sharing as (

    select * from {{ ref('int_identity__sharing') }}

),

typed_evidence as (

    select
        evidence.*,
        types.type_rank,
        types.links,
        types.max_accounts,
        evidence.role = types.linking_role as has_linking_role
    from evidence
    inner join types on evidence.identifier_type = types.identifier_type

),

identifiers as (

    select
        identifier_key,
        identifier_type,
        scope,
        value,
        type_rank,
        links,
        max_accounts,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        sum(record_count) as record_count,
        bool_or(has_linking_role) as has_linking_role
    from typed_evidence
    group by
        identifier_key,
        identifier_type,
        scope,
        value,
        type_rank,
        links,
        max_accounts

),

value_matches as (

    select
        identifiers.identifier_key,
        min(blocked_values.reason) as reason
    from identifiers
    inner join blocked_values
        on
            lower(identifiers.value) = blocked_values.value
            and blocked_values.identifier_type in ('any', identifiers.identifier_type)
    group by identifiers.identifier_key

),

pattern_matches as (

    select
        identifiers.identifier_key,
        min(blocked_patterns.reason) as reason
    from identifiers
    inner join blocked_patterns
        on
            identifiers.value ~ blocked_patterns.pattern
            and blocked_patterns.identifier_type in ('any', identifiers.identifier_type)
    group by identifiers.identifier_key

),

final as (

    select
        identifiers.identifier_key,
        identifiers.identifier_type,
        identifiers.scope,
        identifiers.value,
        identifiers.type_rank,
        identifiers.first_seen_at,
        identifiers.last_seen_at,
        identifiers.record_count,
        coalesce(sharing.account_count, 0) as account_count,
        case
            when not identifiers.links then 'type_never_links'
            when not identifiers.has_linking_role then 'role_never_links'
            when value_matches.identifier_key is not null then value_matches.reason
            when pattern_matches.identifier_key is not null then pattern_matches.reason
            when sharing.account_count > identifiers.max_accounts then 'over_limit'
            when sharing.is_over_weekly_limit then 'over_weekly_limit'
            when sharing.is_over_yearly_limit then 'over_yearly_limit'
        end as blocked_reason
    from identifiers
    left join value_matches
        on identifiers.identifier_key = value_matches.identifier_key
    left join pattern_matches
        on identifiers.identifier_key = pattern_matches.identifier_key
    left join sharing on identifiers.identifier_key = sharing.identifier_key

)

select * from final
