{#-
    How a table was built last: {round, rules}, from the comment that `remember_build` left
    on it. Round -1 when nothing is known.
-#}
{% macro last_build(relation) -%}
    {%- set built = run_query(
        "select obj_description(to_regclass('" ~ relation ~ "'), 'pg_class')"
    ).columns[0].values()[0] -%}
    {%- if built and built.startswith('{') -%}
        {%- do return(fromjson(built)) -%}
    {%- endif -%}
    {%- do return({'round': -1, 'rules': ''}) -%}
{%- endmacro %}
