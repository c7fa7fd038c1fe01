{#-
    Whether a monthly score still speaks of today: it has seen nothing after today, and
    today's month is not later than the one after its base_date.
-#}
{% macro score_holds(base_date) -%}
    {{ base_date }} <= {{ as_of_date() }}
    and {{ dbt.date_trunc('month', dbt.dateadd('day', 1, as_of_date())) }}
    <= {{ dbt.dateadd('month', 1, dbt.date_trunc('month', base_date)) }}
{%- endmacro %}
