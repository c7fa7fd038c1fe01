-- How often pairs compare in which way: what weights are estimated from. One row per
-- block (0: all pairs once, -1: customers drawn at random) and pattern. Only asked when
-- weights are estimated.
{{ config(materialized='view') }}

with

customers as (

    select distinct customer_id from {{ ref('int_customers__profiles') }}

),

numbered as (

    select
        customer_id,
        row_number() over (order by {{ bigint_key(['customer_id']) }}) as place
    from customers

),

-- Neighbours in the order of a hash are no more alike than any two.
random_pairs as (

    select
        least(numbered.customer_id, partners.customer_id) as customer_id_a,
        greatest(numbered.customer_id, partners.customer_id) as customer_id_b
    from numbered
    inner join numbered as partners
        on partners.place between numbered.place + 1 and numbered.place + 40
    where numbered.place <= 5000

),

random_comparisons as (

    {{ fuzzy_comparisons('random_pairs') }}

),

compared as (

    select
        pairs.block_no,
        pairs.customer_id_a,
        pairs.customer_id_b,
        comparisons.trait,
        comparisons.agreement
    from {{ ref('int_identity__fuzzy_pairs') }} as pairs
    inner join {{ ref('int_identity__fuzzy_comparisons') }} as comparisons
        on
            pairs.customer_id_a = comparisons.customer_id_a
            and pairs.customer_id_b = comparisons.customer_id_b
    union all
    select
        0 as block_no,
        customer_id_a,
        customer_id_b,
        trait,
        agreement
    from {{ ref('int_identity__fuzzy_comparisons') }}
    union all
    select
        -1 as block_no,
        customer_id_a,
        customer_id_b,
        trait,
        agreement
    from random_comparisons

),

patterns as (

    select
        block_no,
        {{ text_list("trait || '=' || agreement") }} as pattern
    from compared
    group by block_no, customer_id_a, customer_id_b

),

final as (

    select
        block_no,
        pattern,
        count(*) as pair_count
    from patterns
    group by block_no, pattern

)

select * from final
