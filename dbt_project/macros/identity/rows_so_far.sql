{#-
    The rows an append-only model already holds; none before its first run.
    Usage: select * from {{ rows_so_far({'node_id': 'bigint'}) }} as registered
-#}
{% macro rows_so_far(columns) -%}
    (
        {%- if is_incremental() %}
        select {{ columns.keys() | join(', ') }} from {{ this }}
        {%- else %}
        select
            {%- for column, type in columns.items() %}
            cast(null as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        where false
        {%- endif %}
    )
{%- endmacro %}
