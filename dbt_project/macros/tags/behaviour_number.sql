{#- The value of a rule's condition of this number, as a number where its column is one. -#}
{% macro behaviour_number(number) -%}
    case
        when column_{{ number }} in ('{{ behaviour_columns()["number"] | join("', '") }}')
            then cast(value_{{ number }} as numeric)
    end
{%- endmacro %}
