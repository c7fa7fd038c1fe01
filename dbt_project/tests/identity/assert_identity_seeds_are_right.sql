-- Mistakes in the rules of identity, each with its file and line. What reviewed links
-- name is looked up in assert_reviewed_links_exist.
{{ config(meta={'dagster': {'ref': {'name': 'oneid_identifier_types'}}}) }}

{% set faults %}

with

types as (

    select
        *,
        {{ seed_line() }} as line_no
    from {{ ref('oneid_identifier_types') }}

),

blocked as (

    select
        'oneid_blocked_values' as seed,
        {{ seed_line() }} as line_no,
        identifier_type,
        value,
        reason,
        value = lower(value) as is_well_formed
    from {{ ref('oneid_blocked_values') }}
    union all
    select
        'oneid_blocked_patterns' as seed,
        {{ seed_line() }} as line_no,
        identifier_type,
        pattern as value,
        reason,
        {{ is_regular_expression('pattern') }} as is_well_formed
    from {{ ref('oneid_blocked_patterns') }}

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

fuzzy_weights as (

    select
        *,
        {{ seed_line() }} as line_no
    from {{ ref('oneid_fuzzy_weights') }}

),

fuzzy_traits as (

    select
        {{ seed_line() }} as line_no,
        trait_1,
        trait_2,
        trait_3
    from {{ ref('oneid_fuzzy_blocks') }}

),

named_types as (

    select seed, line_no, identifier_type from blocked
    where identifier_type is null or identifier_type <> 'any'
    union all
    select seed, line_no, identifier_type_a from reviewed
    union all
    select seed, line_no, identifier_type_b from reviewed

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

budgets as (

    select
        *,
        {{ seed_line() }} as line_no
    from {{ ref('oneid_budgets') }}

),

survivorship as (

    select
        *,
        {{ seed_line() }} as line_no
    from {{ ref('survivorship') }}

),

survivorship_sources as (

    select
        survivorship.line_no,
        sources.channel_code
    from survivorship
    cross join
        lateral regexp_split_to_table(survivorship.sources, ' +')
            as sources (channel_code)

),

channels as (

    select distinct channel_code from {{ ref('shops') }}

),

final as (

    select
        'oneid_identifier_types' as seed,
        line_no,
        'the type ' || identifier_type || ' needs a rank, a tier, a linking role and'
        || ' true or false in is_account, links, is_unique and changes_hands' as fault
    from types
    where
        num_nulls(
            type_rank, link_tier, linking_role, is_account, links, is_unique,
            changes_hands
        ) > 0
    union all
    select
        'oneid_identifier_types' as seed,
        line_no,
        'a limit of accounts is below 1' as fault
    from types
    where least(max_accounts, max_accounts_per_week, max_accounts_per_year) < 1
    union all
    select
        blocked.seed,
        blocked.line_no,
        case
            when blocked.reason is null then 'a reason is missing'
            when blocked.seed = 'oneid_blocked_values'
                then coalesce(blocked.value, '(nothing)')
                || ' must be written in lower case'
            else coalesce(blocked.value, '(nothing)') || ' is no regular expression'
        end as fault
    from blocked
    where blocked.reason is null or blocked.is_well_formed is not true
    union all
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
        'oneid_subject_types' as seed,
        subject_types.line_no,
        subject_types.identifier_type
        || ' must be an identifier type that never links' as fault
    from (
        select
            *,
            {{ seed_line() }} as line_no
        from {{ ref('oneid_subject_types') }}
    ) as subject_types
    left join types
        on subject_types.identifier_type = types.identifier_type and not types.links
    where types.identifier_type is null
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
    union all
    select
        'oneid_channel_trust' as seed,
        trust.line_no,
        trust.channel_code || ' is no channel of the seed shops' as fault
    from trust
    left join channels on trust.channel_code = channels.channel_code
    where channels.channel_code is null
    union all
    select
        'survivorship' as seed,
        survivorship_sources.line_no,
        survivorship_sources.channel_code || ' is no channel of the seed shops' as fault
    from survivorship_sources
    left join channels
        on survivorship_sources.channel_code = channels.channel_code
    where channels.channel_code is null
    union all
    select
        'oneid_fuzzy_weights' as seed,
        line_no,
        trait || ' needs an agreement (same, near, alike, different) and a weight' as fault
    from fuzzy_weights
    where
        weight is null
        or (
            trait <> 'prior'
            and coalesce(agreement, '') not in ('same', 'near', 'alike', 'different')
        )
    union all
    select
        'oneid_fuzzy_blocks' as seed,
        fuzzy_traits.line_no,
        named.trait || ' has no weight in oneid_fuzzy_weights' as fault
    from fuzzy_traits
    cross join
        lateral (
            values
            (fuzzy_traits.trait_1),
            (fuzzy_traits.trait_2),
            (fuzzy_traits.trait_3)
        ) as named (trait)
    left join fuzzy_weights on named.trait = fuzzy_weights.trait
    where named.trait is not null and fuzzy_weights.trait is null
    union all
    select
        'oneid_budgets' as seed,
        line_no,
        'a budget has a measure and a number that is not negative' as fault
    from budgets
    where measure is null or max_value is null or max_value < 0

)

select * from final

{% endset %}

{{ stop_at_faults(faults) }}
