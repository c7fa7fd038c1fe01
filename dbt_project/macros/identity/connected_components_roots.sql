{#-
    Solve the links of the table `links` (k); returns the name of a temporary table (v, r):
    the root of every node that is not the smallest of its component.

    A link is one int8: (bigger node << 32) | smaller node; a node linked to itself says
    nothing here. A round
      1. dedupes the links and gives each bigger node its smallest neighbour (`first`),
      2. jumps pointers until each of these nodes points at the root of its tree,
      3. contracts the links not used as pointers onto the roots: links of the next round.
    Nodes with a pointer never come back, so the rounds are composed backwards in the end.
    Work falls with every round, also on chains and hubs.
-#}
{% macro connected_components_roots(links, max_rounds) %}

    {% set own = ' where k >> 32 <> k & 4294967295' %}
    {% set state = namespace(round=1, links=links, open=connected_components_any(links ~ own)) %}
    {% set pointers = [] %}

    {% for _ in range(max_rounds) %}{% if state.open %}
        {% set i = state.round %}
        {# Sorting dedupes and feeds the window in one go. #}
        {% do run_query('set local enable_hashagg = off') %}
        {% do connected_components_table('cc_walk_' ~ i, "
            select
                k >> 32 as b,
                k & 4294967295 as a,
                lag(k) over (order by k) >> 32 is distinct from k >> 32 as is_first
            from (select distinct k from " ~ state.links ~ own ~ ") as links
        ") %}
        {% do run_query('set local enable_hashagg = on') %}
        {% do pointers.append(connected_components_jump(i, max_rounds)) %}
        {% do connected_components_table('cc_links_' ~ (i + 1), "
            select (greatest(ra, rb) << 32) | least(ra, rb) as k
            from (
                select coalesce(small.r, walk.a) as ra, big.r as rb
                from cc_walk_" ~ i ~ " as walk
                inner join " ~ pointers[-1] ~ " as big on big.v = walk.b
                left join " ~ pointers[-1] ~ " as small on small.v = walk.a
                where not walk.is_first
            ) as contracted
            where ra <> rb
        ") %}
        {% do run_query('drop table cc_walk_' ~ i ~ (', ' ~ state.links if i > 1 else '')) %}
        {% set state.round = i + 1 %}
        {% set state.links = 'cc_links_' ~ (i + 1) %}
        {% set state.open = connected_components_any(state.links) %}
    {% endif %}{% endfor %}

    {% if state.open %}
        {{ exceptions.raise_compiler_error(
            this ~ ": connected components have not converged in " ~ max_rounds ~ " rounds") }}
    {% endif %}

    {% do connected_components_table(
        'cc_roots_' ~ state.round, "select 0::bigint as v, 0::bigint as r where false"
    ) %}
    {% for i in range(state.round - 1, 0, -1) %}
        {% do connected_components_table('cc_roots_' ~ i, "
            select older.v, coalesce(newer.r, older.r) as r
            from " ~ pointers[i - 1] ~ " as older
            left join cc_roots_" ~ (i + 1) ~ " as newer on newer.v = older.r
            union all
            select v, r from cc_roots_" ~ (i + 1)
        ) %}
    {% endfor %}
    {% do log(this ~ ': solved in ' ~ (state.round - 1) ~ ' rounds') %}
    {{ return('cc_roots_1') }}

{% endmacro %}
