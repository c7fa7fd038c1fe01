-- The links that tie customers: all but those that a unique type or the quarantine
-- refuses. One row per pair of nodes, a < b.
{{ config(materialized='view') }}

with

refused as (

    select
        a,
        b
    from {{ ref('int_identity__unique_conflicts') }}
    union all
    select
        a,
        b
    from {{ ref('int_identity__quarantined_links') }}

),

final as (

    select links.*
    from {{ ref('oneid_links') }} as links
    left join refused on links.a = refused.a and links.b = refused.b
    where refused.a is null

)

select * from final
