{#-
    dbt's own answer; and a model that computes only who is due is built whole when its
    rules are others, or when the rounds it knows of are not those there are.
-#}
{% macro should_full_refresh() -%}
    {%- set asked = config.get('full_refresh') -%}
    {%- if asked is none -%}
        {%- set asked = flags.FULL_REFRESH -%}
    {%- endif -%}
    {%- if not asked and computes_due() -%}
        {%- set built = last_build(this) -%}
        {%- do return(
            built.rules != rules_digest() or built.round > last_round()
        ) -%}
    {%- endif -%}
    {%- do return(asked) -%}
{%- endmacro %}
