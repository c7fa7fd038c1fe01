{#- The newest round of the table that says who is due in a model; -1 when it has none. -#}
{% macro last_round(node=model) -%}
    {%- do return(run_query(
        'select coalesce(max(due_round), -1) from ' ~ due_relation(node)
    ).columns[0].values()[0] | int) -%}
{%- endmacro %}
