{#-
    How many of the landed columns hold text that is not blank. More texts than
    count_values() of what was parsed from them means that one of them is unreadable.
-#}
{% macro count_texts(columns) -%}
    {{ return(adapter.dispatch('count_texts', 'quanyu')(columns)) }}
{%- endmacro %}

{% macro postgres__count_texts(columns) -%}
    num_nonnulls({% for column in columns %}nullif(btrim({{ column }}), ''){{ ", " if not loop.last }}{% endfor %})
{%- endmacro %}
