{#-
    The tags of a relation by the manifest, as {'code', 'type'}: of a family its own, of a
    wide table (<entity>_tags_wide) those of all families of its entity.
-#}
{% macro tag_columns(relation) -%}
    {%- set columns = [] -%}
    {%- set entity = relation.identifier | replace('_tags_wide', '') -%}
    {%- for node in (graph.nodes.values() if execute else []) if node.resource_type == 'model' -%}
        {%- if node.name == relation.identifier or node.name.startswith('tags_' ~ entity ~ '_') -%}
            {%- for column in node.columns.values() if column.config.meta.tag is defined -%}
                {%- do columns.append({'code': column.name, 'type': column.config.meta.tag.type}) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}
