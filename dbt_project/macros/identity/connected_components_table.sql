{#-
    A temporary table of this transaction with fresh statistics: the planner must know the
    size of what a round has just made.
-#}
{% macro connected_components_table(name, query) %}
    {% do run_query('create temporary table ' ~ name ~ ' on commit drop as ' ~ query) %}
    {% do run_query('analyze ' ~ name) %}
{% endmacro %}
