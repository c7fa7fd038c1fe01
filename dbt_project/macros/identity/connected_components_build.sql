{#-
    The full build: links and map are written anew and take the old ones' names. Returns
    the relation that the old map has become, to be dropped after the commit.
-#}
{% macro connected_components_build(existing_relation, target_relation, links_relation, max_rounds) %}

    {%- set intermediate_relation = make_intermediate_relation(target_relation) -%}
    {%- set backup_type = existing_relation.type if existing_relation else 'table' -%}
    {%- set backup_relation = make_backup_relation(target_relation, backup_type) -%}
    {{ drop_relation_if_exists(load_cached_relation(intermediate_relation)) }}
    {{ drop_relation_if_exists(load_cached_relation(backup_relation)) }}
    {{ drop_relation_if_exists(load_cached_relation(links_relation)) }}

    {% do connected_components_walk(
        links_relation, 'select k from ' ~ connected_components_packed() ~ ' as links', is_kept=true) %}
    {# The next run finds lost links, and those left of a component, by it. #}
    {% do run_query('create index on ' ~ links_relation ~ ' (k)') %}
    {% do connected_components_check(links_relation) %}
    {% set roots = connected_components_roots(links_relation, max_rounds) %}

    {#
        A root is the smallest node of its component, so a neighbour points at it from the
        first round on; or it is given by itself. The room left in a page lets the next run
        relabel nodes without touching the index.
    #}
    {% call statement('main') %}
        create table {{ intermediate_relation }} (node_id, component_id)
        with (fillfactor = 90) as
        {{ roots }}
        union all
        select distinct tops.r, tops.r
        from (
            select r from cc_jump_1_0 where not is_active
            union all
            select k >> 32 from {{ links_relation }}
            where is_first and k >> 32 = k & 4294967295
        ) as tops
        where not exists (select 1 from cc_roots_2 where cc_roots_2.v = tops.r)
    {% endcall %}
    {% do create_indexes(intermediate_relation) %}

    {% if existing_relation %}
        {{ adapter.rename_relation(existing_relation, backup_relation) }}
    {% endif %}
    {{ adapter.rename_relation(intermediate_relation, target_relation) }}
    {{ return(backup_relation if existing_relation else none) }}

{% endmacro %}
