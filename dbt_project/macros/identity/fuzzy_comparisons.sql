{#-
    Compare pairs of customers (`pairs`: a relation with customer_id_a and customer_id_b)
    trait by trait. One row per pair and trait that both have; of several
    values the two that agree best count.
-#}
{% macro fuzzy_comparisons(pairs) %}
    select
        customer_id_a,
        customer_id_b,
        trait,
        case min(level_no) when 1 then 'same' when 2 then 'near' when 3 then 'alike' else 'different' end as agreement
    from (
        select
            pairs.customer_id_a,
            pairs.customer_id_b,
            left_values.trait,
            case {{ fuzzy_level('left_values.trait_value', 'right_values.trait_value') }}
                when 'same' then 1 when 'near' then 2 when 'alike' then 3 else 4
            end as level_no
        from {{ pairs }} as pairs
        inner join {{ ref('int_customers__profiles') }} as left_values
            on pairs.customer_id_a = left_values.customer_id
        inner join {{ ref('int_customers__profiles') }} as right_values
            on
                pairs.customer_id_b = right_values.customer_id
                and left_values.trait = right_values.trait
    ) as compared
    group by customer_id_a, customer_id_b, trait
{% endmacro %}
