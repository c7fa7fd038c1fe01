{#- Condition on customer_id: marked since this model was last built. -#}
{% macro is_marked() -%}
    customer_id in (
        select customer_id from {{ due_relation() }}
        where due_round > {{ last_build(this).round }}
    )
{%- endmacro %}
