{#-
    A number from 0 to 9,999 for a text: it looks random and never changes. The first 32
    bits of md5, modulo 10,000, as anybody can compute it again, and as
    activation/eligible.py holds people back: the text is then `salt:customer_id`.
    Usage: {{ bucket_of("campaign_code || ':' || customer_id") }} < 100 * control_percent
-#}
{% macro bucket_of(written) -%}
    {{ return(adapter.dispatch('bucket_of', 'quanyu')(written)) }}
{%- endmacro %}

{% macro default__bucket_of(written) -%}
    cast(conv(left(md5({{ written }}), 8), 16, 10) as bigint) % 10000
{%- endmacro %}

{% macro postgres__bucket_of(written) -%}
    cast(cast('x' || left(md5({{ written }}), 8) as bit(32)) as bigint) % 10000
{%- endmacro %}
