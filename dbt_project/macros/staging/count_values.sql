{#- How many of the parsed columns are not null; see count_texts(). -#}
{% macro count_values(columns) -%}
    {{ return(adapter.dispatch('count_values', 'quanyu')(columns)) }}
{%- endmacro %}

{% macro postgres__count_values(columns) -%}
    num_nonnulls({{ columns | join(', ') }})
{%- endmacro %}
