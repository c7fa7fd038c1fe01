{#-
    Solve links; returns a query of (v, r): the root of every node that is not the smallest
    of its component.

    A link is one int8, k = (bigger node << 32) | smaller node; a node linked to itself
    says nothing here. `walk` is a table of them (k, is_first) as connected_components_walk
    makes it: sorted and distinct, is_first at the smallest neighbour of a bigger node. A
    round
      1. lets each bigger node point at its smallest neighbour,
      2. jumps pointers until nearly all of these nodes point at the root of their tree,
      3. contracts the links not used as pointers, and the pointers that have not come to
         a root, onto the roots: the next round's walk.
    Nodes settled at a root never come back, so the rounds are composed backwards in the end:
    cc_roots_2 is what the rounds after the first came to. Work falls with every round,
    also on chains and hubs.
-#}
{% macro connected_components_roots(walk, max_rounds) %}

    {% set state = namespace(round=1, walk=walk, open=true) %}
    {% set pointers = [] %}

    {% for _ in range(max_rounds) %}{% if state.open %}
        {% set jumped = connected_components_jump(state.walk, state.round, max_rounds) %}
        {% do pointers.append(jumped.settled) %}
        {% set next_walk = 'cc_walk_' ~ (state.round + 1) %}
        {% set state.open = connected_components_walk(next_walk, "
            select (greatest(ra, rb) << 32) | least(ra, rb) as k
            from (
                select coalesce(small.r, links.a) as ra, coalesce(big.r, links.b) as rb
                from (
                    select k & 4294967295 as a, k >> 32 as b from " ~ state.walk ~ "
                    where not is_first and k >> 32 <> k & 4294967295
                    union all
                    select r, v from " ~ jumped.active ~ " as active
                ) as links
                left join " ~ jumped.settled ~ " as big on big.v = links.b
                left join " ~ jumped.settled ~ " as small on small.v = links.a
            ) as contracted
            where ra <> rb
        ") %}
        {% set state.round = state.round + 1 %}
        {% set state.walk = next_walk %}
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
