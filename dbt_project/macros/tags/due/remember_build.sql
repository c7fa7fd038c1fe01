{#-
    Post-hook of models that compute only who is due: up to which round they know, and by
    which rules. In the model's own transaction, so that a killed build is not remembered.
-#}
{% macro remember_build() -%}
    {%- if computes_due() -%}
        comment on table {{ this }} is
        '{"round": {{ known_round() }}, "rules": "{{ rules_digest() }}"}'
    {%- endif -%}
{%- endmacro %}
