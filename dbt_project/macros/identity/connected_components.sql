{#-
    Materialization: the model is a plain `select a, b` of links between non-negative int
    nodes below 2^31; the table is `node_id, component_id`, component_id being the
    smallest node of the component. A node without links is given as the link (a, a).

    The rounds run in temporary tables; the result is written into a new table that takes
    the old one's name in the same transaction, so a reader sees the old map or the new
    one and a killed run leaves the old.

    Config: indexes (as for tables); max_rounds (default 60: not converged by then is an
    error, never a wrong answer).
    Another engine gets its own `materialization connected_components, adapter=...`.
-#}
{% materialization connected_components, adapter='postgres' %}

    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set intermediate_relation = make_intermediate_relation(target_relation) -%}
    {%- set backup_type = existing_relation.type if existing_relation else 'table' -%}
    {%- set backup_relation = make_backup_relation(target_relation, backup_type) -%}

    {{ drop_relation_if_exists(load_cached_relation(intermediate_relation)) }}
    {{ drop_relation_if_exists(load_cached_relation(backup_relation)) }}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% call statement('links') %}
        create temporary table cc_input on commit drop as
        select cast(a as bigint) as a, cast(b as bigint) as b
        from ({{ sql }}) as links
    {% endcall %}
    {% set roots = connected_components_roots(config.get('max_rounds', 60)) %}

    {% call statement('main') %}
        create table {{ intermediate_relation }} as
        with nodes as (
            select a as node_id from cc_input
            union
            select b from cc_input
        )
        select nodes.node_id, coalesce(roots.r, nodes.node_id) as component_id
        from nodes
        left join {{ roots }} as roots on roots.v = nodes.node_id
    {% endcall %}
    {% do create_indexes(intermediate_relation) %}

    {% if existing_relation %}
        {{ adapter.rename_relation(existing_relation, backup_relation) }}
    {% endif %}
    {{ adapter.rename_relation(intermediate_relation, target_relation) }}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% set revoke = should_revoke(existing_relation, full_refresh_mode=True) %}
    {% do apply_grants(target_relation, config.get('grants'), should_revoke=revoke) %}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}

    {{ drop_relation_if_exists(backup_relation) }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}

{% endmaterialization %}
