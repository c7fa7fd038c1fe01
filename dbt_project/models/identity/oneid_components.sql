-- Which nodes are one person. One row per node; component_id is its smallest node.
{{
    config(
        materialized='connected_components',
        indexes=[{'columns': ['node_id'], 'unique': true}],
    )
}}

select
    links.a,
    links.b
from {{ ref('oneid_links') }} as links
left join {{ ref('int_identity__unique_conflicts') }} as conflicts
    on links.a = conflicts.a and links.b = conflicts.b
where conflicts.a is null
union all
select
    node_id as a,
    node_id as b
from {{ ref('int_identity__nodes') }}
