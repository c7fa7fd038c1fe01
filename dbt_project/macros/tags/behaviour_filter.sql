{#-
    Whether the row passes its rule's condition of this number, read from the columns
    column_N, operator_N, value_N and number_N (the value as a number). No condition is
    passed by every row; a column that is empty passes none.
    Usage: where {{ behaviour_filter(1) }} and {{ behaviour_filter(2) }}
-#}
{% macro behaviour_filter(number) -%}
    {%- set as_text = behaviour_column('column_' ~ number, 'text') -%}
    {%- set as_number = behaviour_column('column_' ~ number, 'number') -%}
    {%- set value = 'value_' ~ number -%}
    (
        column_{{ number }} = ''
        or case operator_{{ number }}
            when '=' then coalesce({{ as_number }} = number_{{ number }}, {{ as_text }} = {{ value }})
            when '<>' then coalesce({{ as_number }} <> number_{{ number }}, {{ as_text }} <> {{ value }})
            when '<' then {{ as_number }} < number_{{ number }}
            when '<=' then {{ as_number }} <= number_{{ number }}
            when '>' then {{ as_number }} > number_{{ number }}
            when '>=' then {{ as_number }} >= number_{{ number }}
            when 'in' then {{ dbt.position("'|' || " ~ as_text ~ " || '|'", "'|' || " ~ value ~ " || '|'") }} > 0
            when 'contains' then {{ dbt.position(value, as_text) }} > 0
        end
    )
{%- endmacro %}
