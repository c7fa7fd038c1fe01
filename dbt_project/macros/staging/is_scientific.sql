{#-
    True when Excel has turned a long id into 1.23E+18: its last digits are gone for good. Excel's
    exponents end at 308; a hexadecimal id such as 6e0123456789012345678901 is none of them.
-#}
{% macro is_scientific(column) -%}
    {{ return(adapter.dispatch('is_scientific', 'quanyu')(column)) }}
{%- endmacro %}

{% macro postgres__is_scientific(column) -%}
    {{ column }} ~* '^[0-9]([.][0-9]+)?e[+]?[0-9]{1,3}$'
{%- endmacro %}
