-- Nodes of components that hold two values of a unique type (two unionids). One row per
-- node, numbered within its component.

with

components as (

    select * from {{ ref('int_identity__candidate_components') }}

),

nodes as (

    select * from {{ ref('int_identity__nodes') }}

),

unique_types as (

    select * from {{ ref('oneid_identifier_types') }}
    where is_unique

),

typed as (

    select
        components.component_id,
        components.node_id,
        unique_types.identifier_type || '|' || nodes.scope as unique_class
    from components
    inner join nodes on components.node_id = nodes.node_id
    left join unique_types on nodes.identifier_type = unique_types.identifier_type

),

class_counts as (

    select
        component_id,
        unique_class,
        count(*) as value_count
    from typed
    where unique_class is not null
    group by component_id, unique_class

),

conflicted as (

    select distinct component_id from class_counts
    where value_count > 1

),

final as (

    select
        typed.component_id,
        typed.node_id,
        typed.unique_class,
        cast(row_number() over (
            partition by typed.component_id order by typed.node_id
        ) as integer) as position_no
    from typed
    inner join conflicted on typed.component_id = conflicted.component_id

)

select * from final
