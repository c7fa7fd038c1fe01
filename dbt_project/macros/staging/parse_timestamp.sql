{#-
    A moment (timestamptz), or null when the text is none. Text without an offset is the
    vendor's wall clock, Asia/Shanghai. Years outside 1900-2099 are placeholders, not moments.
-#}
{% macro parse_timestamp(column) -%}
    {{ return(adapter.dispatch('parse_timestamp', 'quanyu')(column)) }}
{%- endmacro %}

{% macro postgres__parse_timestamp(column) -%}
    {%- set moment = clean_text(column) -%}
    {%- set shape = '^(19|20)[0-9]{2}[-/][0-9]{1,2}[-/][0-9]{1,2}([ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?)?' -%}
    case
        when {{ moment }} ~ '{{ shape }}$' and pg_input_is_valid({{ moment }}, 'timestamp')
            then cast({{ moment }} as timestamp) at time zone 'Asia/Shanghai'
        when {{ moment }} ~ '{{ shape }}(Z|[+-][0-9]{2}:?[0-9]{2})$' and pg_input_is_valid({{ moment }}, 'timestamptz')
            then cast({{ moment }} as timestamptz)
    end
{%- endmacro %}
