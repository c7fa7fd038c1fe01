{#- The different texts of a group, sorted, with a blank between, as an aggregate. -#}
{% macro text_list(column) -%}
    {{ return(adapter.dispatch('text_list', 'quanyu')(column)) }}
{%- endmacro %}

{% macro default__text_list(column) -%}
    concat_ws(' ', sort_array(collect_set({{ column }})))
{%- endmacro %}

{% macro postgres__text_list(column) -%}
    string_agg(distinct {{ column }}, ' ' order by {{ column }})
{%- endmacro %}
