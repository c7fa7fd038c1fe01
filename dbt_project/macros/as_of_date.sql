{#- The day everything is computed as of: the var base_date, else the last complete landed day. -#}
{% macro as_of_date() -%}
    {%- if var('base_date', '') -%}
        cast('{{ var("base_date") }}' as date)
    {%- else -%}
        (select last_complete_day from landing.last_complete_day)
    {%- endif -%}
{%- endmacro %}
