{#-
    Up to which round this model knows who was due when it is built now: the newest one, or
    what a model it reads knows, if that was not built since.
-#}
{% macro known_round() -%}
    {%- set rounds = [last_round()] -%}
    {%- for parent in own_parents() -%}
        {%- do rounds.append(last_build(parent.relation_name).round) -%}
    {%- endfor -%}
    {%- do return(rounds | min) -%}
{%- endmacro %}
