{#- The day of a month and day (MM-DD) in the year after a date; null without one. -#}
{% macro next_month_day(date, month_day) -%}
    cast(extract(year from {{ date }}) + 1 || '-' || {{ month_day }} as date)
{%- endmacro %}
