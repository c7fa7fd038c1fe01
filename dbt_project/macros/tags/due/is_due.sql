{#-
    Condition on customer_id in a model of the incremental strategy `due_customers`: whose
    rows are computed. All, when the table is built whole; else those that the model
    `due_model` has marked since this one was last built. One such model per model.
-#}
{% macro is_due(due_model) -%}
    {%- set due = ref(due_model) -%}
    {%- if execute and is_incremental() -%} {{ is_marked() }} {%- else -%} true {%- endif -%}
{%- endmacro %}
