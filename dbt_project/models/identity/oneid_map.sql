-- Who an identifier belongs to. One row per identifier free to link and span of
-- validity (valid_from inclusive, valid_to exclusive, null = without bound).
{{
    config(
        indexes=[
            {'columns': ['node_id'], 'unique': true},
            {'columns': ['identifier_key']},
            {'columns': ['customer_id']},
        ],
    )
}}

with

nodes as (

    select * from {{ ref('int_identity__nodes') }}

),

assignments as (

    select
        node_id,
        customer_id,
        row_number() over (partition by node_id order by assignment_no desc) as recency
    from {{ ref('oneid_assignments') }}

),

final as (

    select
        nodes.node_id,
        nodes.identifier_key,
        nodes.identifier_type,
        nodes.scope,
        nodes.value,
        nodes.valid_from,
        nodes.valid_to,
        assignments.customer_id
    from nodes
    inner join assignments
        on nodes.node_id = assignments.node_id and assignments.recency = 1

)

select * from final
