-- Mistakes in what says which identifiers may link, each with its file and line. Nothing
-- that reads these seeds is built before they are mended.
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

named_types as (

    select seed, line_no, identifier_type from blocked
    where identifier_type is null or identifier_type <> 'any'

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

)

select * from final

{% endset %}

{{ stop_at_faults(faults) }}
