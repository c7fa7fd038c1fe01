{#- Whether this model computes only who is due. -#}
{% macro computes_due() -%}
    {%- do return(execute and config.get('incremental_strategy') == 'due_customers') -%}
{%- endmacro %}
