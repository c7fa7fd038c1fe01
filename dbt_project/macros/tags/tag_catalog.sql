{#-
    The tags as rows, read from the entries (meta.tag) in the models' yml: the catalogue
    cannot say anything else than the models do.
    Usage, as the body of a CTE: {{ tag_catalog() }}
-#}
{% macro tag_catalog() -%}
    {%- set rows = [] -%}
    {%- for node in (graph.nodes.values() if execute else []) -%}
        {%- for column in node.columns.values() if column.config.meta.tag is defined -%}
            {%- do rows.append((node, column, column.config.meta.tag)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for node, column, tag in rows %}
    select
        '{{ column.name }}' as tag_code,
        '{{ node.fqn[2] }}' as entity,
        '{{ node.name }}' as model_name,
        '{{ column.data_type }}' as data_type,
        '{{ tag.name_zh }}' as name_zh,
        '{{ column.description | replace("'", "''") }}' as description,
        '{{ tag.path }}' as path,
        {{ "'" ~ tag.brand_path ~ "'" if tag.brand_path else "cast(null as " ~ dbt.type_string() ~ ")" }} as brand_path,
        '{{ tag["class"] }}' as class,
        '{{ tag.type }}' as type,
        '{{ tag.owner }}' as owner,
        '{{ tag.refresh }}' as refresh,
        cast({{ tag.min_fill }} as numeric(5, 4)) as min_fill,
        '{{ tag["values"] | join(", ") if tag["values"] is mapping else "" }}' as allowed_values
    {{ "union all" if not loop.last }}
    {%- else %}
    select '' as tag_code where false
    {%- endfor %}
{%- endmacro %}
