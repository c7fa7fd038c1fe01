{#-
    Quantile of Student's t that belongs to the normal quantile `z` with so many degrees of
    freedom: the first terms of Cornish and Fisher (Abramowitz and Stegun 26.7.5). Within
    0.6 % of the truth from 5 degrees of freedom on, within 0.003 % from 20.
-#}
{% macro t_quantile(z, freedom) -%}
    {{ z }}
    + (power({{ z }}, 3) + {{ z }}) / (4 * {{ freedom }})
    + (5 * power({{ z }}, 5) + 16 * power({{ z }}, 3) + 3 * {{ z }})
    / (96 * power({{ freedom }}, 2))
    + (
        3 * power({{ z }}, 7) + 19 * power({{ z }}, 5)
        + 17 * power({{ z }}, 3) - 15 * {{ z }}
    ) / (384 * power({{ freedom }}, 3))
{%- endmacro %}
