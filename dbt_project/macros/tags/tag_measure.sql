{#- A tag of type number or date as a number: a date as its days before base_date. -#}
{% macro tag_measure(column) -%}
    {%- if column.type == 'date' -%}
        cast({{ dbt.datediff(column.code, as_of_date(), 'day') }} as {{ dbt.type_float() }})
    {%- else -%}
        cast({{ column.code }} as {{ dbt.type_float() }})
    {%- endif -%}
{%- endmacro %}
