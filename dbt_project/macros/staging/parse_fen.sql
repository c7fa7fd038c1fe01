{#-
    Yuan with two decimals from a whole number of fen, or null when the text is none: half a
    fen is no amount, and rounding it would lose money.
-#}
{% macro parse_fen(column) -%}
    {{ return(adapter.dispatch('parse_fen', 'quanyu')(column)) }}
{%- endmacro %}

{% macro postgres__parse_fen(column) -%}
    {%- set cleaned = clean_id(column) -%}
    case
        when {{ column }} !~ '[^0-9-]' and pg_input_is_valid({{ column }}, 'numeric(16, 0)')
            then cast(cast({{ column }} as numeric(16, 0)) / 100 as numeric(18, 2))
        when {{ cleaned }} ~ '^-?[0-9]+([.]0+)?$' and pg_input_is_valid({{ cleaned }}, 'numeric(16, 0)')
            then cast(cast({{ cleaned }} as numeric(16, 0)) / 100 as numeric(18, 2))
    end
{%- endmacro %}
