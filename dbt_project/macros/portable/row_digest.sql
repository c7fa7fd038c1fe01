{#- All values of a row as one number; equal rows, equal numbers. Add them up for a set. -#}
{% macro row_digest(row) -%}
    hash_record_extended({{ row }}, 0)
{%- endmacro %}

{#- A digest that differs with another number too. -#}
{% macro mixed_digest(digest, number) -%}
    hashint8extended({{ digest }}, {{ number }})
{%- endmacro %}
