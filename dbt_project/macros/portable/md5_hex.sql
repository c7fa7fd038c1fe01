{#- MD5 of a text in UTF-8 as 32 lower-case hexadecimal digits; null for null. -#}
{% macro md5_hex(column) -%}
    {{ return(adapter.dispatch('md5_hex', 'quanyu')(column)) }}
{%- endmacro %}

{% macro default__md5_hex(column) -%}
    md5({{ column }})
{%- endmacro %}
