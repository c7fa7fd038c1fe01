{#-
    Ends a CTE whose columns are costly and used again and again: without it PostgreSQL
    writes their expressions out at every use, and parses a text ten times instead of once.
-#}
{% macro evaluate_once() -%}
    offset 0
{%- endmacro %}
