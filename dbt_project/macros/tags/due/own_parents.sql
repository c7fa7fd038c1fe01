{#- The models this one reads that, like it, compute only who is due. -#}
{% macro own_parents() -%}
    {%- set found = [] -%}
    {%- for name in model.depends_on.nodes | sort -%}
        {%- set node = graph.nodes[name] -%}
        {%- if node.config.incremental_strategy == 'due_customers' -%}
            {%- do found.append(node) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do return(found) -%}
{%- endmacro %}
