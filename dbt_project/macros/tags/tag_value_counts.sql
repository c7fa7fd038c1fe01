{#-
    How many rows of a relation have which value of which of its tags, exactly and in one
    scan: a grouping set per tag. An enum or bool tag counts its values, a number or date
    its cells of the fixed grid, a text only whether there is one. The row without cell and
    value counts those the tag says nothing about.
    Usage, as the body of a CTE: {{ tag_value_counts(ref('customer_tags_wide'), 'customer') }}
-#}
{% macro tag_value_counts(relation, entity) -%}
    {%- set columns = tag_columns(relation) -%}
    {%- if not columns %}
    select
        '' as entity, '' as tag_code, 0 as cell, '' as tag_value, 0 as value_count
    where false
    {%- else %}
    {%- set measures = columns | selectattr('type', 'in', ['number', 'date']) | map(attribute='code') | list -%}
    {%- set flags = columns | selectattr('type', 'equalto', 'bool') | map(attribute='code') | list -%}
    {%- set codes = columns | selectattr('type', 'in', ['enum', 'text']) | map(attribute='code') | list %}
    select
        '{{ entity }}' as entity,
        case
            {%- for column in columns %}
            when grouping({{ column.code }}) = 0 then '{{ column.code }}'
            {%- endfor %}
        end as tag_code,
        cast(coalesce({{ (measures + ['null', 'null']) | join(', ') }}) as {{ dbt.type_int() }}) as cell,
        coalesce(
            {{ (codes + ['null']) | join(', ') }},
            cast(coalesce({{ (flags + ['null', 'null']) | join(', ') }}) as {{ dbt.type_string() }})
        ) as tag_value,
        count(*) as value_count
    from (
        select
            {%- for column in columns %}
            {%- if column.type in ('number', 'date') %}
            {{ tag_cell(tag_measure(column)) }} as {{ column.code }}
            {%- elif column.type == 'enum' %}
            cast({{ column.code }} as {{ dbt.type_string() }}) as {{ column.code }}
            {%- elif column.type == 'text' %}
            case when {{ column.code }} is not null then 'filled' end as {{ column.code }}
            {%- else %}
            {{ column.code }}
            {%- endif %}{{ "," if not loop.last }}
            {%- endfor %}
        from {{ relation }}
        {# Else PostgreSQL plans for as many cells as the column has values, and sorts. #}
        {{- evaluate_once() }}
    ) as binned
    group by grouping sets (
        {%- for column in columns %}
        ({{ column.code }}){{ "," if not loop.last }}
        {%- endfor %}
    )
    {%- endif %}
{%- endmacro %}
