{#-
    No tag of the wide table is filled less than its entry declares. One scan for all tags.
-#}
{% test tags_filled_as_declared(model) %}
{%- set tags = [] -%}
{%- for node in (graph.nodes.values() if execute else []) if node.name.startswith('tags_customer_') -%}
    {%- for column in node.columns.values() if column.config.meta.tag is defined -%}
        {%- do tags.append((column.name, column.config.meta.tag.min_fill)) -%}
    {%- endfor -%}
{%- endfor %}
with filled as (

    select
        {%- for name, min_fill in tags %}
        count({{ name }}) as {{ name }},
        {%- endfor %}
        count(*) as customer_count
    from {{ model }}

)
{% for name, min_fill in tags %}
select '{{ name }}' as tag_code, {{ name }} as filled_count, customer_count
from filled
where {{ name }} < {{ min_fill }} * customer_count
{{ "union all" if not loop.last }}
{%- else %}
select * from filled where false
{%- endfor %}
{% endtest %}
