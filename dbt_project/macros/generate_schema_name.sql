{#- Schemas are named for their layer, not prefixed by the target: staging, identity, marts ... -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}{{ var('schema_suffix', '') }}
{%- endmacro %}
