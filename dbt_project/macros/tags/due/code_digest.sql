{#-
    What this model's rows depend on besides the facts: its own SQL, and the SQL and seeds
    of everything in models/tags that it reads.
-#}
{% macro code_digest() -%}
    {%- set found = [model.unique_id] -%}
    {%- set parts = [] -%}
    {%- for name in found -%}
        {%- set node = graph.nodes.get(name) -%}
        {%- if node and (
            node.resource_type == 'seed' or node.path.startswith('tags/')
        ) -%}
            {%- do parts.append(node.checksum.checksum) -%}
            {%- for parent in node.depends_on.get('nodes', [])
                if parent not in found -%}
                {%- do found.append(parent) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do return(local_md5(parts | sort | join)) -%}
{%- endmacro %}
