{#-
    The column of the row that the column `name` names, as a text or as a number.
    Usage: {{ behaviour_column('measured_column', 'number') }} as measured_number
-#}
{% macro behaviour_column(name, kind) -%}
    {%- set of_kind = behaviour_columns() -%}
    {%- set columns = of_kind['number'] if kind == 'number' else of_kind['text'] + of_kind['number'] -%}
    case {{ name }}
        {%- for column in columns %}
        when '{{ column }}' then {{ column if kind == 'number' else 'cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ ')' }}
        {%- endfor %}
    end
{%- endmacro %}
