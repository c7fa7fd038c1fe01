-- Mistakes in the other rules of identity, each with its file and line.
{{ config(meta={'dagster': {'ref': {'name': 'survivorship'}}}) }}

{% set faults %}

with

types as (

    select
        *,
        {{ seed_line() }} as line_no
    from {{ ref('oneid_identifier_types') }}

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

trust as (

    select
        *,
        {{ seed_line() }} as line_no
    from {{ ref('oneid_channel_trust') }}

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
