{#-
    The window that ranks the landed rows of one key, best first: readable before faulty, due
    before not yet due, then the newest by the vendor's clock, by drop and by place in the file.
    The model has the columns fault, due_on, drop_date, _file_id and _row_no.
-#}
{% macro version_window(key, updated='drop_date') -%}
    partition by {{ key }}
    order by
        fault is not null,
        due_on > {{ as_of_date() }},
        {{ updated }} desc nulls last,
        drop_date desc,
        _file_id desc,
        _row_no desc
{%- endmacro %}
