{#- The newest round of the table that says who is due; -1 when it has none. -#}
{% macro last_round() -%}
    {%- do return(run_query(
        'select coalesce(max(due_round), -1) from ' ~ due_relation()
    ).columns[0].values()[0] | int) -%}
{%- endmacro %}
