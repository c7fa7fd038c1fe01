{#- Pre-hook of segment_membership_event: what a history begun before it was bitemporal lacks. -#}
{% macro bitemporal_columns() -%}
    alter table if exists {{ this }}
    add column if not exists member_count bigint,
    add column if not exists digest text,
    add column if not exists recorded_at timestamptz
{%- endmacro %}
