{#- True for the totals row that back offices and Excel add under a report. -#}
{% macro is_totals_row(columns) -%}
    {{ return(adapter.dispatch('is_totals_row', 'quanyu')(columns)) }}
{%- endmacro %}

{% macro postgres__is_totals_row(columns) -%}
    concat_ws('|', '', {{ columns | join(', ') }}) like any (array['%合计%', '%总计%', '%|总%', '%|TOTAL%', '%|Total%'])
{%- endmacro %}
