{#-
    A tag family holds every member of its dimension exactly once, and its enum tags only the
    values their entries declare. One scan per family, however many tags it has. A family of
    customers needs no arguments; others name their dimension and its key.
-#}
{% test tags_conform(model, dimension=none, key='customer_id') %}
{%- set enums = [] -%}
{%- for node in (graph.nodes.values() if execute else []) if node.name == model.identifier -%}
    {%- for column in node.columns.values() -%}
        {%- set values = column.config.meta.get('tag', {}).get('values') -%}
        {%- if values -%}{%- do enums.append((column.name, values)) -%}{%- endif -%}
    {%- endfor -%}
{%- endfor %}
with members as (

    select {{ key }} from {{ dimension if dimension is not none else ref('dim_customers') }}

),

family as (

    select * from {{ model }}

)

select
    members.{{ key }},
    count(family.{{ key }}) as family_rows
from members
full join family on members.{{ key }} = family.{{ key }}
group by members.{{ key }}
having
    members.{{ key }} is null
    or count(family.{{ key }}) <> 1
{%- for name, values in enums %}
    or bool_or(family.{{ name }} not in (
        {%- for value in values %}
        '{{ value }}'{{ "," if not loop.last }}
        {%- endfor %}
    ))
{%- endfor %}
{% endtest %}
