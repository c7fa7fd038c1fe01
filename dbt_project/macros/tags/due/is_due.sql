{#-
    Condition on customer_id in a model of the incremental strategy `due_customers`: whose
    rows are computed. All, when the table is built whole; else those that the model
    `due_model` has marked since this one was last built. One such model per model.
-#}
{% macro is_due(due_model) -%}
    {%- if model is not defined or model.resource_type | string != 'unit_test' -%}
        {#- Unit tests build everything whole, and need not give it. -#}
        {%- set due = ref(due_model) -%}
    {%- endif -%}
    {%- if execute and is_incremental() -%} {{ is_marked() }} {%- else -%} true {%- endif -%}
{%- endmacro %}
