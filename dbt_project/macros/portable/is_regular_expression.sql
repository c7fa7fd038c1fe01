{#-
    Whether a text is a regular expression. PostgreSQL only tells by failing, except inside a
    jsonpath, which it compiles together with the pattern.
-#}
{% macro is_regular_expression(column) -%}
    {{ return(adapter.dispatch('is_regular_expression', 'quanyu')(column)) }}
{%- endmacro %}

{% macro postgres__is_regular_expression(column) -%}
    pg_input_is_valid('$ ? (@ like_regex ' || to_json({{ column }})::text || ')', 'jsonpath')
{%- endmacro %}
