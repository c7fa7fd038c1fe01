{#- The json value when it is a list, else an empty list. -#}
{% macro json_array(column) -%}
    {{ return(adapter.dispatch('json_array', 'quanyu')(column)) }}
{%- endmacro %}

{% macro postgres__json_array(column) -%}
    case when jsonb_typeof({{ column }}) = 'array' then {{ column }} else cast('[]' as jsonb) end
{%- endmacro %}
