{#- Text without the white space, tabs and byte order marks that exports leave around it. -#}
{% macro clean_text(column) -%}
    {{ return(adapter.dispatch('clean_text', 'quanyu')(column)) }}
{%- endmacro %}

{% macro postgres__clean_text(column) -%}
    nullif(btrim({{ column }}, ' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(12288) || chr(65279)), '')
{%- endmacro %}
