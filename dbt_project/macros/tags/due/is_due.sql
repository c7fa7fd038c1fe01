{#-
    Condition on customer_id in a model of the incremental strategy `due_customers`: whose
    rows are computed. All, when the table is built whole, as unit tests do; else those
    that the model `due_model` has marked since this one was last built.
-#}
{% macro is_due(due_model) -%}
    {%- if model is defined and model.resource_type | string == 'unit_test' -%}
        true
    {%- else -%}
        {%- set due = ref(due_model) -%}
        {%- if execute and is_incremental() -%} {{ is_marked() }} {%- else -%} true {%- endif -%}
    {%- endif -%}
{%- endmacro %}
