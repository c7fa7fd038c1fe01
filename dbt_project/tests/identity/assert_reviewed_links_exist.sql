-- Reviewed links name identifiers that exist; a revoked one also a tie there is.
{{ config(meta={'dagster': {'ref': {'name': 'oneid_rejected_links'}}}) }}

{% set faults %}

with

identifiers as (

    select * from {{ ref('int_identity__identifiers') }}

),

ties as (

    select
        least(anchor_key, identifier_key) as identifier_key_a,
        greatest(anchor_key, identifier_key) as identifier_key_b
    from {{ ref('int_identity__evidence') }}

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

),

keyed as (

    select
        reviewed.*,
        {{ bigint_key(['identifier_type_a', 'scope_a', 'value_a']) }} as key_a,
        {{ bigint_key(['identifier_type_b', 'scope_b', 'value_b']) }} as key_b
    from reviewed
    where reviewed.decided_on <= {{ as_of_date() }}

),

final as (

    select
        keyed.seed,
        keyed.line_no,
        case
            when left_ends.identifier_key is null
                then 'no record shows its first identifier, a '
                || keyed.identifier_type_a
            when right_ends.identifier_key is null
                then 'no record shows its second identifier, a '
                || keyed.identifier_type_b
            when keyed.key_a = keyed.key_b then 'both ends are the same identifier'
            else 'no record ties its two identifiers: there is nothing to revoke'
        end as fault
    from keyed
    left join identifiers as left_ends on keyed.key_a = left_ends.identifier_key
    left join identifiers as right_ends on keyed.key_b = right_ends.identifier_key
    where
        left_ends.identifier_key is null
        or right_ends.identifier_key is null
        or keyed.key_a = keyed.key_b
        or (
            keyed.seed = 'oneid_revoked_links'
            and not exists (
                select 1 from ties
                where
                    ties.identifier_key_a = least(keyed.key_a, keyed.key_b)
                    and ties.identifier_key_b = greatest(keyed.key_a, keyed.key_b)
            )
        )

)

select * from final

{% endset %}

{{ stop_at_faults(faults) }}
