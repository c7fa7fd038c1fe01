{#- True when Excel has turned a long id into 1.23E+18: its last digits are gone for good. -#}
{% macro is_scientific(column) -%}
    {{ return(adapter.dispatch('is_scientific', 'quanyu')(column)) }}
{%- endmacro %}

{% macro postgres__is_scientific(column) -%}
    {{ column }} ~* '^[0-9]([.][0-9]+)?e[+]?[0-9]+$'
{%- endmacro %}
