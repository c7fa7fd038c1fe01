{#- Name of the table that says whose rows a model computes: its parent `..__due`. -#}
{% macro due_relation(node=model) -%}
    {%- for name in node.depends_on.nodes if name.endswith('__due') -%}
        {%- do return(graph.nodes[name].relation_name) -%}
    {%- endfor -%}
{%- endmacro %}
