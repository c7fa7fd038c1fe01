{#-
    SHA-256 of the members of a group, as an aggregate: their ids in ascending order, each
    with a line feed behind it. Nulls do not count; nobody is the digest of nothing. Anybody
    gets the same from a list of ids: sort -n ids.txt | sha256sum
-#}
{% macro segment_digest(column) -%}
    {{ return(adapter.dispatch('segment_digest', 'quanyu')(column)) }}
{%- endmacro %}

{% macro default__segment_digest(column) -%}
    {{ sha256_hex("coalesce(array_join(transform(sort_array(collect_list(" ~ column ~ ")), one -> concat(one, chr(10))), ''), '')") }}
{%- endmacro %}

{% macro postgres__segment_digest(column) -%}
    {{ sha256_hex("coalesce(string_agg(" ~ column ~ " || chr(10), '' order by " ~ column ~ "), '')") }}
{%- endmacro %}
