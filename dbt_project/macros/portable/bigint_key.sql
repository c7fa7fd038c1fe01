{#-
    A 64-bit surrogate key from natural key columns: half the bytes of a uuid, an eighth of md5 text.
    Null columns count as empty strings. Uniqueness of every key made here is tested.
    Usage: {{ bigint_key(["channel_code", "order_id"]) }} as order_key
-#}
{% macro bigint_key(columns) -%}
    {{ return(adapter.dispatch('bigint_key', 'quanyu')(columns)) }}
{%- endmacro %}

{% macro default__bigint_key(columns) -%}
    xxhash64({% for column in columns %}coalesce(cast({{ column }} as string), ''){{ ", " if not loop.last }}{% endfor %})
{%- endmacro %}

{% macro postgres__bigint_key(columns) -%}
    hashtextextended(
        {% for column in columns %}coalesce(cast({{ column }} as text), ''){{ " || '|' || " if not loop.last }}{% endfor %}, 0
    )
{%- endmacro %}
