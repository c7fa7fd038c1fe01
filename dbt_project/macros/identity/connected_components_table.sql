{#-
    A temporary table of this transaction with fresh statistics: the planner must know the
    size of what a round has just made. Returns the value of the expression `answer`.
-#}
{% macro connected_components_table(name, query, answer='true') %}
    {{ return(run_query(
        'create temporary table ' ~ name ~ ' on commit drop as ' ~ query
        ~ '; analyze ' ~ name ~ '; select ' ~ answer
    ).rows[0][0]) }}
{% endmacro %}
