-- Components of all links, before the unique types have their say. One row per node.
{{ config(materialized='connected_components') }}

select
    a,
    b
from {{ ref('oneid_links') }}
