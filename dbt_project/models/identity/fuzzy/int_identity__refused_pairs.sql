-- Customers that a reviewer has said to be two. One row per pair (a < b).
{{ config(materialized='view') }}

with

reviewed as (

    select
        {{ bigint_key(['identifier_type_a', 'scope_a', 'value_a']) }} as key_a,
        {{ bigint_key(['identifier_type_b', 'scope_b', 'value_b']) }} as key_b
    from {{ ref('oneid_fuzzy_reviews') }}
    where decision = 'refused'

),

final as (

    select distinct
        least(left_map.customer_id, right_map.customer_id) as customer_id_a,
        greatest(left_map.customer_id, right_map.customer_id) as customer_id_b
    from reviewed
    inner join {{ ref('oneid_map') }} as left_map
        on reviewed.key_a = left_map.identifier_key
    inner join {{ ref('oneid_map') }} as right_map
        on reviewed.key_b = right_map.identifier_key

)

select * from final
