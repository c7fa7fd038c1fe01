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

names as (

    select * from {{ ref('int_identity__names') }}

),

refused as (

    select * from {{ ref('int_identity__refused_pairs') }}

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
        on scored.customer_id_a = left_names.customer_id
    left join names as right_names
        on scored.customer_id_b = right_names.customer_id
    left join refused
        on
            scored.customer_id_a = refused.customer_id_a
            and scored.customer_id_b = refused.customer_id_b
    where
        scored.evidence_weight + odds.weight >= 0
        and refused.customer_id_a is null

)

select * from final
