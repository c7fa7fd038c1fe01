{#- The segments there are, as rows (segment_code), read from the front matter. -#}
{% macro segment_codes() -%}
    {%- set codes = [] -%}
    {%- for node in (graph.nodes.values() if execute else []) if node.config.meta.segment is defined -%}
        {%- do codes.append(node.name) -%}
    {%- endfor -%}
    {%- for code in codes %}
    select '{{ code }}' as segment_code
    {{ "union all" if not loop.last }}
    {%- else %}
    select '' as segment_code where false
    {%- endfor %}
{%- endmacro %}
