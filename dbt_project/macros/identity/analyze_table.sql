{#- Post-hook: the planner must know a table's size before the next model joins it. -#}
{% macro analyze_table() -%}
    {%- if model.config.materialized != 'view' -%} analyze {{ this }} {%- endif -%}
{%- endmacro %}
