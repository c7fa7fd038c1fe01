{#-
    The incremental run: bring map and links in line with cc_changes.

    A component that lost a link is opened: its nodes stand for themselves again, tied by
    the links that are left. A component that only gained stays whole: its smallest node
    stands for it. What these few nodes and links come to is solved as in a full build and
    written over the rows it concerns.
-#}
{% macro connected_components_update(target_relation, links_relation, max_rounds) %}

    {% set has_lost = connected_components_any('cc_changes where not is_added') %}
    {% set has_gained = connected_components_any('cc_changes where is_added') %}
    {% do connected_components_table('cc_opened', "
        select node_id, ctid as place from " ~ target_relation ~ "
        where " ~ ("" if has_lost else "false and ") ~ "component_id in (
            select map.component_id
            from cc_changes as lost
            inner join " ~ target_relation ~ " as map on map.node_id = lost.k >> 32
            where not lost.is_added
        )
    ") %}
    {% do connected_components_table('cc_ends', "
        select
            ends.node_id,
            map.node_id is null as is_new,
            case when opened.node_id is null then coalesce(map.component_id, ends.node_id)
                else ends.node_id end as label
        from (
            select k >> 32 as node_id from cc_changes where is_added
            union
            select k & 4294967295 from cc_changes where is_added
        ) as ends
        left join " ~ target_relation ~ " as map on map.node_id = ends.node_id
        left join cc_opened as opened on opened.node_id = ends.node_id
    ") %}
    {% do connected_components_table('cc_work', "
        select known.k
        from (select node_id from cc_opened order by node_id) as opened
        inner join " ~ links_relation ~ " as known
            on known.k between opened.node_id << 32 and (opened.node_id << 32) + 4294967295
        where not exists (select 1 from cc_changes where cc_changes.k = known.k)
        union all
        select (greatest(big.label, small.label) << 32) | least(big.label, small.label)
        from cc_changes as added
        inner join cc_ends as big on big.node_id = added.k >> 32
        inner join cc_ends as small on small.node_id = added.k & 4294967295
        where added.is_added
    ") %}
    {% do connected_components_walk('cc_walk_1', 'select k from cc_work') %}
    {% set roots = 'cc_roots' %}
    {% do connected_components_table(roots, connected_components_roots('cc_walk_1', max_rounds)) %}

    {% do run_query("
        delete from " ~ links_relation ~ " as known using cc_changes as lost
        where known.k = lost.k and not lost.is_added
    ") %}
    {% do run_query(
        'insert into ' ~ links_relation ~ ' (k) select k from cc_changes where is_added') %}

    {# Opened nodes first: none of them may be taken for its former component. #}
    {% do run_query("
        delete from " ~ target_relation ~ " as map using cc_opened as opened
        where
            map.ctid = opened.place
            and not exists (select 1 from cc_work where k >> 32 = opened.node_id)
            and not exists (select 1 from cc_work where k & 4294967295 = opened.node_id)
    ") %}
    {% do run_query("
        update " ~ target_relation ~ " as map
        set component_id = coalesce(roots.r, opened.node_id)
        from cc_opened as opened
        left join " ~ roots ~ " as roots on roots.v = opened.node_id
        where
            map.ctid = opened.place
            and map.component_id <> coalesce(roots.r, opened.node_id)
    ") %}
    {% if has_gained %}{% do run_query("
        update " ~ target_relation ~ " as map set component_id = roots.r
        from " ~ roots ~ " as roots where map.component_id = roots.v
    ") %}{% endif %}
    {% call statement('main') %}
        insert into {{ target_relation }} (node_id, component_id)
        select ends.node_id, coalesce(roots.r, ends.node_id)
        from cc_ends as ends
        left join {{ roots }} as roots on roots.v = ends.node_id
        where ends.is_new
    {% endcall %}

{% endmacro %}
