{#-
    The 11 digits of a mainland mobile number, or null for everything else: masked numbers
    (138****1234), privacy numbers (18877771111-123), landlines, numbers Excel has rounded.
    Plain numbers, nearly all of them, take the first branch.
-#}
{% macro clean_phone(column) -%}
    {{ return(adapter.dispatch('clean_phone', 'quanyu')(column)) }}
{%- endmacro %}

{% macro postgres__clean_phone(column) -%}
    case
        when {{ column }} like '1__________' and {{ column }} !~ '[^0-9]' and {{ column }} >= '13'
            then {{ column }}
        else replace(
            substring(
                {{ clean_id("translate(" ~ column ~ ", '＋－–—（）()', '+---')") }}
                from '^(?:[+]?86|0086)?-?(1[3-9][0-9]-?[0-9]{4}-?[0-9]{4})(?:[.]0)?$'
            ), '-', ''
        )
    end
{%- endmacro %}
