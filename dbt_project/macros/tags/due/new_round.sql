{#-
    The round of this build: later than all before, also when the table is made anew, so
    that no model that has seen an earlier one takes it for done.
-#}
{% macro new_round() -%}
    cast(extract(epoch from transaction_timestamp()) * 1000000 as bigint)
{%- endmacro %}
