-- Which nodes are one person. One row per node; component_id is its smallest node.
{{
    config(
        materialized='connected_components',
        indexes=[{'columns': ['node_id'], 'unique': true}],
    )
}}

select
    a,
    b
from {{ ref('int_identity__accepted_links') }}
union all
select
    node_id as a,
    node_id as b
from {{ ref('int_identity__nodes') }}
