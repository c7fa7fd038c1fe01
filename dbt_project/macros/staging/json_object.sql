{#- The json value when it is an object, else an empty object: a string or a list has no fields. -#}
{% macro json_object(column) -%}
    {{ return(adapter.dispatch('json_object', 'quanyu')(column)) }}
{%- endmacro %}

{% macro postgres__json_object(column) -%}
    case when jsonb_typeof({{ column }}) = 'object' then {{ column }} else cast('{}' as jsonb) end
{%- endmacro %}
