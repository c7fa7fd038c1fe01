-- The strongest current identifier of each customer: what people name it by. One row
-- per customer.
{{ config(materialized='view') }}

with

ranked as (

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

final as (

    select
        customer_id,
        identifier_type,
        scope,
        value
    from ranked
    where preference = 1

)

select * from final
