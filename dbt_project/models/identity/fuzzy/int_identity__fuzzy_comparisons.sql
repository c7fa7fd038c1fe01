-- How pairs of customers compare. One row per pair and trait that both have.

with

pairs as (

    select distinct
        customer_id_a,
        customer_id_b
    from {{ ref('int_identity__fuzzy_pairs') }}

)

{{ fuzzy_comparisons('pairs') }}
