{#-
    Every segment of an entity is as big as its front matter expects. One scan for all.
-#}
{% test segments_of_expected_size(model, entity='customer') %}
{%- set sizes = [] -%}
{%- for node in (graph.nodes.values() if execute else []) if node.config.meta.segment is defined and node.config.meta.segment.get('entity', 'customer') == entity -%}
    {%- do sizes.append((node.name, node.config.meta.segment.expected_size)) -%}
{%- endfor %}
with expected as (

    {%- for name, size in sizes %}
    select '{{ name }}' as segment_code, {{ size[0] }} as smallest, {{ size[1] }} as largest
    {{ "union all" if not loop.last }}
    {%- else %}
    select '' as segment_code, 0 as smallest, 0 as largest
    {%- endfor %}

),

sized as (

    select segment_code, count(*) as member_count from {{ model }} group by segment_code

)

select expected.*, coalesce(sized.member_count, 0) as member_count
from expected
left join sized on expected.segment_code = sized.segment_code
where coalesce(sized.member_count, 0) not between expected.smallest and expected.largest
{% endtest %}
