{#- The line of its file that a seed's row stands on: dbt loads rows in the file's order. -#}
{% macro seed_line() -%}
    {{ return(adapter.dispatch('seed_line', 'quanyu')()) }}
{%- endmacro %}

{% macro postgres__seed_line() -%}
    row_number() over (order by ctid) + 1
{%- endmacro %}
