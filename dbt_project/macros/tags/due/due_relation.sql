{#- Name of the table that says whose rows this model computes: its parent `..__due`. -#}
{% macro due_relation() -%}
    {%- for name in model.depends_on.nodes if name.endswith('__due') -%}
        {%- do return(graph.nodes[name].relation_name) -%}
    {%- endfor -%}
{%- endmacro %}
