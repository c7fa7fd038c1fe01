{#-
    An identifier as the vendor meant it: full-width digits narrowed; white space, tabs,
    quotes and the equals sign of Excel's ="..." removed. Plain ids, nearly all of them, take
    the first branch: translate() looks every character up and costs ten times as much.
-#}
{% macro clean_id(column) -%}
    {{ return(adapter.dispatch('clean_id', 'quanyu')(column)) }}
{%- endmacro %}

{% macro postgres__clean_id(column) -%}
    case
        when {{ column }} ~ '^[A-Za-z0-9_.-]+$' then {{ column }}
        else nullif(translate({{ column }}, '０１２３４５６７８９=" ''' || chr(9) || chr(10) || chr(13) || chr(160) || chr(12288) || chr(65279), '0123456789'), '')
    end
{%- endmacro %}
