{#-
    Solve links; returns a query of (v, r): the root of every node that is not the smallest
    of its component.

    A link is one int8, k = (bigger node << 32) | smaller node; a node linked to itself
    says nothing here. `walk` is a table of them (k, is_first) as connected_components_walk
    makes it: sorted and distinct, is_first at the smallest neighbour of a bigger node. A
    round
      1. lets each bigger node point at its smallest neighbour,
      2. jumps pointers until each of these nodes points at the root of its tree,
      3. contracts the links not used as pointers onto the roots: the next round's walk.
    Nodes with a pointer never come back, so the rounds are composed backwards in the end.
    Work falls with every round, also on chains and hubs.
-#}
{% macro connected_components_roots(walk, max_rounds) %}

    {% set own = ' where k >> 32 <> k & 4294967295' %}
    {% set state = namespace(round=1, walk=walk, open=connected_components_any(walk ~ own)) %}
    {% set pointers = [] %}

    {% for _ in range(max_rounds) %}{% if state.open %}
        {% set next_walk = 'cc_walk_' ~ (state.round + 1) %}
        {% do pointers.append(connected_components_jump(state.walk, state.round, max_rounds)) %}
        {% do connected_components_walk('temporary table ' ~ next_walk ~ ' on commit drop', "
            select (greatest(ra, rb) << 32) | least(ra, rb) as k
            from (
                select coalesce(small.r, walk.k & 4294967295) as ra, big.r as rb
                from " ~ state.walk ~ " as walk
                inner join " ~ pointers[-1] ~ " as big on big.v = walk.k >> 32
                left join " ~ pointers[-1] ~ " as small on small.v = walk.k & 4294967295
                where not walk.is_first and walk.k >> 32 <> walk.k & 4294967295
            ) as contracted
            where ra <> rb
        ") %}
        {% do run_query('analyze ' ~ next_walk) %}
        {% if state.round > 1 %}{% do run_query('drop table ' ~ state.walk) %}{% endif %}
        {% set state.round = state.round + 1 %}
        {% set state.walk = next_walk %}
        {% set state.open = connected_components_any(next_walk) %}
    {% endif %}{% endfor %}

    {% if state.open %}
        {{ exceptions.raise_compiler_error(
            this ~ ": connected components have not converged in " ~ max_rounds ~ " rounds") }}
    {% endif %}

    {% do connected_components_table(
        'cc_roots_' ~ state.round, "select 0::bigint as v, 0::bigint as r where false"
    ) %}
    {% set composed = namespace(query='select v, r from cc_roots_' ~ state.round) %}
    {% for i in range(state.round - 1, 0, -1) %}
        {# The last and largest is the caller's to keep. #}
        {% if i < state.round - 1 %}
            {% do connected_components_table('cc_roots_' ~ (i + 1), composed.query) %}
        {% endif %}
        {% set composed.query = "
            select older.v, coalesce(newer.r, older.r) as r
            from " ~ pointers[i - 1] ~ " as older
            left join cc_roots_" ~ (i + 1) ~ " as newer on newer.v = older.r
            union all
            select v, r from cc_roots_" ~ (i + 1)
        %}
    {% endfor %}
    {% do log(this ~ ': solved in ' ~ (state.round - 1) ~ ' rounds') %}
    {{ return(composed.query) }}

{% endmacro %}
