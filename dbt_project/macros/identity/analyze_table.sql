{#-
    Post-hook: the planner must know a table's size before the next model joins it.

    Tables of tags are joined by their key and scanned whole: a small sample of their
    hundreds of columns tells enough, and is read in a tenth of the time.
-#}
{% macro analyze_table() -%}
    {%- set holds_tags = model.name.startswith('tags_') or model.name.endswith('_wide') -%}
    {%- if model.config.materialized != 'view' -%}
        {%- if holds_tags -%} set local default_statistics_target = 10; {% endif -%}
        analyze {{ this }}
    {%- endif -%}
{%- endmacro %}
