{#-
    What customers are members of, as rows (segment_code), read from the front matter:
    segments, and the groups of those that split.
-#}
{% macro segment_codes() -%}
    {%- set codes = [] -%}
    {%- for node in (graph.nodes.values() if execute else []) if node.config.meta.segment is defined -%}
        {%- set segment = node.config.meta.segment -%}
        {%- if segment.entity | default('customer') == 'customer' -%}
            {%- do codes.append(node.name) -%}
            {%- for group in segment.groups | default({}) -%}
                {%- do codes.append(node.name ~ '__' ~ group) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for code in codes %}
    select '{{ code }}' as segment_code
    {{ "union all" if not loop.last }}
    {%- else %}
    select '' as segment_code where false
    {%- endfor %}
{%- endmacro %}
