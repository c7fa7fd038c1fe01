{#-
    Up to which round this model knows who was due when it is built now: the newest one, or
    what a model it reads knows, if that was not built since somebody became due in it.
-#}
{% macro known_round() -%}
    {%- set rounds = [last_round()] -%}
    {%- for parent in own_parents() -%}
        {%- set known = last_build(parent.relation_name).round -%}
        {%- if known < last_round(parent) -%}
            {%- do rounds.append(known) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do return(rounds | min) -%}
{%- endmacro %}
