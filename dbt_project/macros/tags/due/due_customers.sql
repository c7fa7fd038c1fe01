{#-
    Incremental strategy `due_customers`: rows of everybody who is due go, also of those
    who have none any more; the new ones come.
-#}
{% macro get_incremental_due_customers_sql(arg_dict) -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    delete from {{ arg_dict['target_relation'] }} where {{ is_marked() }};
    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
    where {{ is_marked() }}
{%- endmacro %}
