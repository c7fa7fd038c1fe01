{#-
    The text `value` of the row with the greatest moment `at`, as an aggregate that hashes:
    no sort of the table, however large. Rows without a moment do not count.
    Usage: {{ max_by('channel_code', 'paid_at') }} as last_channel_code
-#}
{% macro max_by(value, at) -%}
    {{ return(adapter.dispatch('max_by', 'quanyu')(value, at)) }}
{%- endmacro %}

{% macro default__max_by(value, at) -%}
    max_by({{ value }}, {{ at }})
{%- endmacro %}

{% macro postgres__max_by(value, at) -%}
    nullif((
        max(array[to_char({{ at }} at time zone 'UTC', 'YYYYMMDDHH24MISSUS'), coalesce({{ value }}, '')])
        filter (where {{ at }} is not null)
    )[2], '')
{%- endmacro %}
