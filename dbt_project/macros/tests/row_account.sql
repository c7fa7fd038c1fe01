{#- Where the rows of one base model went: staged, rejected, or not yet due. -#}
{% macro row_account(base_model, table_name) -%}
select
    '{{ table_name }}' as table_name,
    count(*) filter (
        where reject_reason is null and due_on <= {{ as_of_date() }}
    ) as staged_count,
    count(*) filter (where reject_reason is not null) as rejected_count,
    count(*) filter (
        where reject_reason is null and due_on > {{ as_of_date() }}
    ) as not_yet_due_count
from {{ base_model }}
{%- endmacro %}
