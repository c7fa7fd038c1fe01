{#-
    What a purchase of a day says about likings: half as much for each half-life that it
    is older. As of a fixed day, because only shares are made of weights, in which the day
    cancels out: so nobody's weights change as days go by.
-#}
{% macro spend_weight(day, half_life_days) -%}
    cast(power(
        cast(2 as double precision),
        cast({{ dbt.datediff("cast('2000-01-01' as date)", day, 'day') }}
            as double precision) / {{ half_life_days }}
    ) as numeric)
{%- endmacro %}
