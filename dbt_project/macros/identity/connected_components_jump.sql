{#-
    Pointer jumping of one round of connected_components_roots. A table per jump holds the
    pointers that were still active before it; settled ones, those at a root, stay in the
    table where they settled, and are not copied. It ends when hardly any is active: a jump
    reads all pointers, and those few are cheaper to take along as links of the next round.
    Returns two subqueries: settled (v, r) and active (v, r).
-#}
{% macro connected_components_jump(walk, round, max_jumps) %}

    {% set state = namespace(table='cc_jump_' ~ round ~ '_0', settled='', open=true) %}
    {% set state.open = connected_components_table(state.table, "
        with pointers as not materialized (
            select k >> 32 as b, k & 4294967295 as a
            from " ~ walk ~ " where is_first and k >> 32 <> k & 4294967295
        )
        select node.b as v, coalesce(next.a, node.a) as r, next.a is not null as is_active
        from pointers as node
        left join pointers as next on next.b = node.a
    ", 'exists (select 1 from ' ~ state.table ~ ' where is_active)') %}

    {% for jump in range(1, max_jumps + 1) %}{% if state.open %}
        {% set next_table = 'cc_jump_' ~ round ~ '_' ~ jump %}
        {% set state.open = connected_components_table(next_table, "
            select
                node.v,
                coalesce(next.r, node.r) as r,
                coalesce(next.is_active, false) as is_active
            from (select v, r from " ~ state.table ~ " where is_active) as node
            left join (
                select v, r, is_active from " ~ state.table ~ state.settled ~ "
            ) as next on next.v = node.r
        ", 'count(*) filter (where is_active) > 0.05 * count(*) from ' ~ next_table) %}
        {% set state.settled = state.settled
            ~ ' union all select v, r, is_active from ' ~ state.table ~ ' where not is_active' %}
        {% set state.table = next_table %}
    {% endif %}{% endfor %}
    {% if state.open %}
        {{ exceptions.raise_compiler_error(
            this ~ ": pointers have not settled in " ~ max_jumps ~ " jumps") }}
    {% endif %}
    {{ return({
        'settled': '(select v, r, is_active from ' ~ state.table ~ ' where not is_active' ~ state.settled ~ ')',
        'active': '(select v, r from ' ~ state.table ~ ' where is_active)',
    }) }}

{% endmacro %}
