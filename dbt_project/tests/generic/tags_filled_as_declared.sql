{#-
    No tag of a wide table (<entity>_tags_wide) is filled less than its entry declares. One
    scan for all tags.
-#}
{% test tags_filled_as_declared(model) %}
{%- set families = 'tags_' ~ model.identifier.removesuffix('_tags_wide') ~ '_' -%}
{%- set tags = [] -%}
{%- for node in (graph.nodes.values() if execute else []) if node.name.startswith(families) -%}
    {%- for column in node.columns.values() if column.config.meta.tag is defined -%}
        {%- do tags.append((column.name, column.config.meta.tag.min_fill)) -%}
    {%- endfor -%}
{%- endfor %}
with filled as (

    select
        {%- for name, min_fill in tags %}
        count({{ name }}) as {{ name }},
        {%- endfor %}
        count(*) as row_count
    from {{ model }}

)
{% for name, min_fill in tags %}
select '{{ name }}' as tag_code, {{ name }} as filled_count, row_count
from filled
where {{ name }} < {{ min_fill }} * row_count
{{ "union all" if not loop.last }}
{%- else %}
select * from filled where false
{%- endfor %}
{% endtest %}
