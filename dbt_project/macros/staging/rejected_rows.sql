{#- The rejected rows of one base model in the columns of stg_<channel>__rejects. -#}
{% macro rejected_rows(base_model, source_table, record_id) -%}
select
    '{{ source_table }}' as source_table,
    _file_id,
    _row_no,
    {{ record_id }} as record_id,
    reject_reason
from {{ base_model }}
where reject_reason is not null
{%- endmacro %}
