-- Links that people decided on; an accepted fuzzy match is a forced link. One row per
-- decision and pair of identifiers (the smaller key first).

with

decisions as (

    select
        'revoked' as decision,
        identifier_type_a,
        scope_a,
        value_a,
        identifier_type_b,
        scope_b,
        value_b,
        decided_on,
        decided_by,
        reason
    from {{ ref('oneid_revoked_links') }}
    union all
    select
        'forced' as decision,
        identifier_type_a,
        scope_a,
        value_a,
        identifier_type_b,
        scope_b,
        value_b,
        decided_on,
        decided_by,
        reason
    from {{ ref('oneid_forced_links') }}
    union all
    select
        'forced' as decision,
        identifier_type_a,
        scope_a,
        value_a,
        identifier_type_b,
        scope_b,
        value_b,
        decided_on,
        decided_by,
        reason
    from {{ ref('oneid_fuzzy_reviews') }}
    where decision = 'accepted'

),

keyed as (

    select
        decisions.*,
        {{ bigint_key(['identifier_type_a', 'scope_a', 'value_a']) }} as key_a,
        {{ bigint_key(['identifier_type_b', 'scope_b', 'value_b']) }} as key_b
    from decisions
    where decisions.decided_on <= {{ as_of_date() }}

),

final as (

    select
        decision,
        least(key_a, key_b) as identifier_key_a,
        greatest(key_a, key_b) as identifier_key_b,
        cast(decided_on as timestamptz) as decided_at,
        decided_by,
        reason
    from keyed

)

select * from final
