{#-
    A moment (timestamptz), or null when the text is none. Text without an offset is the
    vendor's wall clock, Asia/Shanghai. Years outside 1900-2099 are placeholders, not moments.
    The usual form, nearly all of them, takes the first branch without any clean-up.
-#}
{% macro parse_timestamp(column) -%}
    {{ return(adapter.dispatch('parse_timestamp', 'quanyu')(column)) }}
{%- endmacro %}

{% macro postgres__parse_timestamp(column) -%}
    {%- set moment = clean_text(column) -%}
    {%- set shape = '^(19|20)[0-9]{2}[-/][0-9]{1,2}[-/][0-9]{1,2}([ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?)?' -%}
    case
        when {{ column }} like '20__-__-__ __:__:__' and {{ column }} !~ '[^0-9: -]' and pg_input_is_valid({{ column }}, 'timestamp')
            then cast({{ column }} as timestamp) at time zone 'Asia/Shanghai'
        when {{ moment }} ~ '{{ shape }}$' and pg_input_is_valid({{ moment }}, 'timestamp')
            then cast({{ moment }} as timestamp) at time zone 'Asia/Shanghai'
        when {{ moment }} ~ '{{ shape }}(Z|[+-][0-9]{2}:?[0-9]{2})$' and pg_input_is_valid({{ moment }}, 'timestamptz')
            then cast({{ moment }} as timestamptz)
    end
{%- endmacro %}
