{#-
    A tag family holds every customer exactly once, and its enum tags only the values their
    entries declare. One scan per family, however many tags it has.
-#}
{% test tags_conform(model) %}
{%- set enums = [] -%}
{%- for node in (graph.nodes.values() if execute else []) if node.name == model.identifier -%}
    {%- for column in node.columns.values() -%}
        {%- set values = column.config.meta.get('tag', {}).get('values') -%}
        {%- if values -%}{%- do enums.append((column.name, values)) -%}{%- endif -%}
    {%- endfor -%}
{%- endfor %}
with customers as (

    select customer_id from {{ ref('dim_customers') }}

),

family as (

    select * from {{ model }}

)

select
    customers.customer_id,
    count(family.customer_id) as family_rows
from customers
full join family on customers.customer_id = family.customer_id
group by customers.customer_id
having
    customers.customer_id is null
    or count(family.customer_id) <> 1
{%- for name, values in enums %}
    or bool_or(family.{{ name }} not in (
        {%- for value in values %}
        '{{ value }}'{{ "," if not loop.last }}
        {%- endfor %}
    ))
{%- endfor %}
{% endtest %}
