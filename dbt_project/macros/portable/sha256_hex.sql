{#- SHA-256 of a text in UTF-8 as 64 lower-case hexadecimal digits; null for null. -#}
{% macro sha256_hex(column) -%}
    {{ return(adapter.dispatch('sha256_hex', 'quanyu')(column)) }}
{%- endmacro %}

{% macro default__sha256_hex(column) -%}
    sha2({{ column }}, 256)
{%- endmacro %}

{% macro postgres__sha256_hex(column) -%}
    encode(sha256(convert_to({{ column }}, 'UTF8')), 'hex')
{%- endmacro %}
