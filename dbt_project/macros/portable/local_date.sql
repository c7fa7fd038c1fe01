{#- The calendar day of a moment in Asia/Shanghai, whatever the session's time zone. -#}
{% macro local_date(column) -%}
    {{ return(adapter.dispatch('local_date', 'quanyu')(column)) }}
{%- endmacro %}

{% macro default__local_date(column) -%}
    cast(from_utc_timestamp(to_utc_timestamp({{ column }}, current_timezone()), 'Asia/Shanghai') as date)
{%- endmacro %}

{% macro postgres__local_date(column) -%}
    cast({{ column }} at time zone 'Asia/Shanghai' as date)
{%- endmacro %}
