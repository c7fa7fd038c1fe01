{#- The moment at which a calendar day begins in Asia/Shanghai, whatever the session's time zone. -#}
{% macro local_midnight(column) -%}
    {{ return(adapter.dispatch('local_midnight', 'quanyu')(column)) }}
{%- endmacro %}

{% macro default__local_midnight(column) -%}
    from_utc_timestamp(to_utc_timestamp(cast({{ column }} as timestamp), 'Asia/Shanghai'), current_timezone())
{%- endmacro %}

{% macro postgres__local_midnight(column) -%}
    cast({{ column }} as timestamp) at time zone 'Asia/Shanghai'
{%- endmacro %}
