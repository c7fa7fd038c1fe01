-- Links that would put two values of a unique type (two unionids) into one customer.
-- One row per refused link, with the two values it would have joined.
--
-- Kruskal: inside a component that holds such a conflict, links are taken from the most
-- to the least trusted; `parts` holds for every node of the component the part it is in
-- so far, `parts[position]`. Which links are refused depends on the set of links alone.

with recursive

links as (

    select * from {{ ref('oneid_links') }}

),

members as (

    select * from {{ ref('int_identity__conflicted_nodes') }}

),

ordered_links as (

    select
        left_ends.component_id,
        links.a,
        links.b,
        left_ends.position_no as position_a,
        right_ends.position_no as position_b,
        row_number() over (
            partition by left_ends.component_id
            order by
                links.tier asc,
                links.confidence desc,
                links.first_seen_at asc,
                links.a asc,
                links.b asc
        ) as link_no
    from links
    inner join members as left_ends on links.a = left_ends.node_id
    inner join members as right_ends on links.b = right_ends.node_id

),

walk as (

    select
        component_id,
        cast(0 as bigint) as link_no,
        array_agg(position_no order by position_no) as parts,
        cast(null as bigint) as holder_a,
        cast(null as bigint) as holder_b
    from members
    group by component_id
    union all
    select
        walk.component_id,
        ordered_links.link_no,
        case
            when clash.holder_a is null
                then array_replace(
                    walk.parts,
                    walk.parts[ordered_links.position_b],
                    walk.parts[ordered_links.position_a]
                )
            else walk.parts
        end as parts,
        clash.holder_a,
        clash.holder_b
    from walk
    inner join ordered_links
        on
            walk.component_id = ordered_links.component_id
            and walk.link_no + 1 = ordered_links.link_no
    cross join lateral (
        select
            min(holders_a.node_id) as holder_a,
            min(holders_b.node_id) as holder_b
        from members as holders_a
        inner join members as holders_b
            on
                holders_a.component_id = holders_b.component_id
                and holders_a.unique_class = holders_b.unique_class
                and holders_a.node_id <> holders_b.node_id
        where
            holders_a.component_id = walk.component_id
            and walk.parts[holders_a.position_no]
            = walk.parts[ordered_links.position_a]
            and walk.parts[holders_b.position_no]
            = walk.parts[ordered_links.position_b]
            and walk.parts[ordered_links.position_a]
            <> walk.parts[ordered_links.position_b]
    ) as clash

),

final as (

    select
        ordered_links.a,
        ordered_links.b,
        ordered_links.component_id,
        walk.holder_a,
        walk.holder_b
    from walk
    inner join ordered_links
        on
            walk.component_id = ordered_links.component_id
            and walk.link_no = ordered_links.link_no
    where walk.holder_a is not null

)

select * from final
