{#-
    The cell of a number on a grid that never moves, so that two days can be compared
    without knowing each other: four cells to each doubling, in hundredths, symmetric around
    zero. Numbers from 0 to 1 fall into 27 cells, whole numbers up to 6 into one each, and a
    cell is never wider than 19 % of what it holds.
-#}
{% macro tag_cell(number) -%}
    cast(
        sign({{ number }}) * floor(4 * ln(1 + 100 * abs({{ number }})) / ln(2))
        as {{ dbt.type_int() }}
    )
{%- endmacro %}
