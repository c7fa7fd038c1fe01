-- Every segment is as big as its front matter expects. Small samples are smaller than the
-- business, so this warns.
{{ config(severity='warn') }}
-- depends_on: {{ ref('segment_members') }}

{%- set sizes = [] -%}
{%- for node in (graph.nodes.values() if execute else []) if node.config.meta and node.config.meta.segment is defined -%}
    {%- do sizes.append((node.name, node.config.meta.segment.expected_size)) -%}
{%- endfor %}

with expected (segment_code, low, high) as (

    values
    {%- for name, size in sizes %}
    ('{{ name }}', {{ size[0] }}, {{ size[1] }}){{ "," if not loop.last }}
    {%- else %}
    ('', 0, 0)
    {%- endfor %}

),

sized as (

    select
        segment_code,
        count(*) as member_count
    from {{ ref('segment_members') }}
    group by segment_code

)

select
    expected.*,
    coalesce(sized.member_count, 0) as member_count
from expected
left join sized on expected.segment_code = sized.segment_code
where coalesce(sized.member_count, 0) not between expected.low and expected.high
