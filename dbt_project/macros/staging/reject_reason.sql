{#-
    Null for a good row, else why it is not staged: its own fault, or that a newer row of the
    same key says the same ('duplicate') or something else ('superseded'). Tables that keep
    their history only reject duplicates. Needs `window versions as (version_window(...))`.
-#}
{% macro reject_reason(keeps_history=false) -%}
    coalesce(
        fault,
        case
            when due_on > {{ as_of_date() }} then null
            when lag(row_hash) over versions = row_hash then 'duplicate'
            {%- if not keeps_history %}
            when row_number() over versions > 1 then 'superseded'
            {%- endif %}
        end
    )
{%- endmacro %}
