{#-
    Create `table` ("table x", "temporary table x on commit drop") of the links that the
    query `links` (k) gives: distinct, in order, is_first at the smallest neighbour of
    each bigger node. One sort does both. A link of a node to itself comes after its
    others, so it takes is_first from none of them.
-#}
{% macro connected_components_walk(table, links) %}
    {% do run_query('set local enable_hashagg = off') %}
    {% do run_query('create ' ~ table ~ " as
        select k, lag(k) over (order by k) >> 32 is distinct from k >> 32 as is_first
        from (select distinct k from (" ~ links ~ ") as given) as links
    ") %}
    {% do run_query('set local enable_hashagg = on') %}
{% endmacro %}
