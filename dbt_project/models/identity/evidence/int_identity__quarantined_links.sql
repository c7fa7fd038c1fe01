-- Links that do not count because their component is too large to be a person. One row
-- per link; seed oneid_quarantine says how large, and which tiers still count.

with

components as not materialized (

    select * from {{ ref('int_identity__candidate_components') }}

),

limits as (

    select * from {{ ref('oneid_quarantine') }}

),

large as (

    select
        components.component_id,
        limits.max_tier
    from components
    cross join limits
    group by components.component_id, limits.max_identifiers, limits.max_tier
    having count(*) > limits.max_identifiers

),

final as (

    select
        links.a,
        links.b,
        components.component_id
    from {{ ref('oneid_links') }} as links
    inner join components on links.a = components.node_id
    inner join large on components.component_id = large.component_id
    where links.tier > large.max_tier

)

select * from final
