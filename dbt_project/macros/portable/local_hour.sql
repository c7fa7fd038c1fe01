{#- The hour of day (0-23) of a moment in Asia/Shanghai, whatever the session's time zone. -#}
{% macro local_hour(column) -%}
    {{ return(adapter.dispatch('local_hour', 'quanyu')(column)) }}
{%- endmacro %}

{% macro default__local_hour(column) -%}
    hour(from_utc_timestamp(to_utc_timestamp({{ column }}, current_timezone()), 'Asia/Shanghai'))
{%- endmacro %}

{% macro postgres__local_hour(column) -%}
    extract(hour from {{ column }} at time zone 'Asia/Shanghai')
{%- endmacro %}
