{#-
    A number with `scale` decimals, or null when the text is not one (1e308, NaN, 0x1F, words).
    Thousands separators, yuan signs, white space and full-width digits are understood.
    Plain numbers, nearly all of them, take the first branch without any clean-up.
-#}
{% macro parse_amount(column, scale=2) -%}
    {{ return(adapter.dispatch('parse_amount', 'quanyu')(column, scale)) }}
{%- endmacro %}

{% macro postgres__parse_amount(column, scale) -%}
    {%- set type = 'numeric(18, ' ~ scale ~ ')' -%}
    {%- set cleaned = clean_id("translate(" ~ column ~ ", '．－￥，,¥元', '.-')") -%}
    case
        when {{ column }} !~ '[^0-9.-]' and pg_input_is_valid({{ column }}, '{{ type }}')
            then cast({{ column }} as {{ type }})
        when {{ cleaned }} !~ '[^0-9.-]' and pg_input_is_valid({{ cleaned }}, '{{ type }}')
            then cast({{ cleaned }} as {{ type }})
    end
{%- endmacro %}
