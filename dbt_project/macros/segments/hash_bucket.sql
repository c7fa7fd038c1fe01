{#-
    A number from 0 to 9999 for each customer that looks random and never changes: the first
    32 bits of md5("salt:customer_id"), modulo 10000, as anybody can reckon again. Another
    salt draws anew, so give every experiment its own.
    Usage: case when {{ hash_bucket('stamp_card_2018') }} < 1000 then 'control' ...
-#}
{% macro hash_bucket(salt, column='customer_id') -%}
    {{ return(adapter.dispatch('hash_bucket', 'quanyu')(salt, column)) }}
{%- endmacro %}

{% macro default__hash_bucket(salt, column) -%}
    cast(conv(left(md5(concat('{{ salt }}:', {{ column }})), 8), 16, 10) as bigint) % 10000
{%- endmacro %}

{% macro postgres__hash_bucket(salt, column) -%}
    cast(cast('x' || left(md5('{{ salt }}:' || {{ column }}), 8) as bit(32)) as bigint) % 10000
{%- endmacro %}
