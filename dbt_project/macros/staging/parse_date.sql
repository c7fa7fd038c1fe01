{#- A calendar day, or null when the text is none (2017-02-30, 0001-01-01, 9999-12-31, words). -#}
{% macro parse_date(column) -%}
    {{ return(adapter.dispatch('parse_date', 'quanyu')(column)) }}
{%- endmacro %}

{% macro postgres__parse_date(column) -%}
    {%- set day = clean_text(column) -%}
    case
        when {{ day }} ~ '^(19|20)[0-9]{2}[-/][0-9]{1,2}[-/][0-9]{1,2}$' and pg_input_is_valid({{ day }}, 'date')
            then cast({{ day }} as date)
    end
{%- endmacro %}
