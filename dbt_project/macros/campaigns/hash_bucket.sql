{#-
    One of 10,000 buckets for a customer, the same for ever: the first 32 bits of
    md5(salt:customer_id) modulo 10,000, as activation/eligible.py holds people back.
    Usage: {{ hash_bucket('campaign_code', 'customer_id') }} < 100 * control_percent
-#}
{% macro hash_bucket(salt, customer_id) -%}
    {{ return(adapter.dispatch('hash_bucket', 'quanyu')(salt, customer_id)) }}
{%- endmacro %}

{% macro default__hash_bucket(salt, customer_id) -%}
    pmod(cast(conv(left(md5({{ salt }} || ':' || cast({{ customer_id }} as string)), 8), 16, 10) as bigint), 10000)
{%- endmacro %}

{% macro postgres__hash_bucket(salt, customer_id) -%}
    cast(cast('x' || left(md5({{ salt }} || ':' || cast({{ customer_id }} as text)), 8) as bit(32)) as bigint) % 10000
{%- endmacro %}
