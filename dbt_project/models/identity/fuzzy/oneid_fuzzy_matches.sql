-- Customers that are probably one person by name, birthday, city or masked phone, apart
-- from the graph: nothing merges until a row of oneid_fuzzy_reviews accepts it. One row
-- per pair (a < b) whose evidence outweighs the odds against it.

with

comparisons as (

    select * from {{ ref('int_identity__fuzzy_comparisons') }}

),

weights as (

    select * from {{ ref('oneid_fuzzy_weights') }}

),

reviewed as (

    select
        decision,
        {{ bigint_key(['identifier_type_a', 'scope_a', 'value_a']) }} as key_a,
        {{ bigint_key(['identifier_type_b', 'scope_b', 'value_b']) }} as key_b
    from {{ ref('oneid_fuzzy_reviews') }}

),

scored as (

    select
        comparisons.customer_id_a,
        comparisons.customer_id_b,
        sum(weights.weight) as evidence_weight,
        {{ text_list("comparisons.trait || '=' || comparisons.agreement") }} as evidence
    from comparisons
    inner join weights
        on
            comparisons.trait = weights.trait
            and comparisons.agreement = weights.agreement
    group by comparisons.customer_id_a, comparisons.customer_id_b

),

-- The strongest identifier of a customer: what a reviewer names it by.
names as (

    select
        id_map.customer_id,
        id_map.identifier_type,
        id_map.scope,
        id_map.value,
        row_number() over (
            partition by id_map.customer_id
            order by kinds.type_rank asc, id_map.node_id asc
        ) as preference
    from {{ ref('oneid_map') }} as id_map
    inner join {{ ref('oneid_identifier_types') }} as kinds
        on id_map.identifier_type = kinds.identifier_type
    where id_map.customer_id is not null and id_map.valid_to is null

),

refused as (

    select distinct
        least(left_map.customer_id, right_map.customer_id) as customer_id_a,
        greatest(left_map.customer_id, right_map.customer_id) as customer_id_b
    from reviewed
    inner join {{ ref('oneid_map') }} as left_map
        on reviewed.key_a = left_map.identifier_key
    inner join {{ ref('oneid_map') }} as right_map
        on reviewed.key_b = right_map.identifier_key
    where reviewed.decision = 'refused'

),

final as (

    select
        scored.customer_id_a,
        scored.customer_id_b,
        scored.evidence_weight + odds.weight as weight,
        scored.evidence,
        left_names.identifier_type as identifier_type_a,
        left_names.scope as scope_a,
        left_names.value as value_a,
        right_names.identifier_type as identifier_type_b,
        right_names.scope as scope_b,
        right_names.value as value_b
    from scored
    inner join weights as odds on odds.trait = 'prior'
    left join names as left_names
        on scored.customer_id_a = left_names.customer_id and left_names.preference = 1
    left join names as right_names
        on scored.customer_id_b = right_names.customer_id and right_names.preference = 1
    left join refused
        on
            scored.customer_id_a = refused.customer_id_a
            and scored.customer_id_b = refused.customer_id_b
    where
        scored.evidence_weight + odds.weight >= 0
        and refused.customer_id_a is null

)

select * from final
