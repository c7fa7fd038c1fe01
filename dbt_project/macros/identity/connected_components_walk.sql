{#-
    Create the table `name` of the links that the query `links` (k) gives: distinct, in
    order, is_first at the smallest neighbour of each bigger node. One sort does both. A
    link of a node to itself comes after its others, so it takes is_first from none of
    them. Returns whether there are others.
-#}
{% macro connected_components_walk(name, links, is_kept=false) %}
    {{ return(run_query(
        'set local enable_hashagg = off; create '
        ~ ('table ' ~ name if is_kept else 'temporary table ' ~ name ~ ' on commit drop')
        ~ ' as
        select k, lag(k) over (order by k) >> 32 is distinct from k >> 32 as is_first
        from (select distinct k from (' ~ links ~ ') as given) as links;
        set local enable_hashagg = on; analyze ' ~ name ~ ';
        select exists (select 1 from ' ~ name ~ ' where k >> 32 <> k & 4294967295)'
    ).rows[0][0]) }}
{% endmacro %}
