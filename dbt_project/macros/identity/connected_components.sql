{#-
    Materialization: the model is a plain `select a, b` of links between non-negative int
    nodes below 2^31; the table is `node_id, component_id`, component_id being the
    smallest node of the component. A node without links is given as the link (a, a).

    The links of a run are kept beside the table (`<model>__links`), so the next run
    computes anew only the components that a new or a lost link touches; the result is
    that of a full build, which `--full-refresh` does, or a run that finds more than
    max_changed_share of the links changed.

    A run is one transaction: a reader sees the old map or the new one, and a killed run
    leaves the old.

    Config: indexes (as for tables); max_rounds (default 60: not converged by then is an
    error, never a wrong answer); max_changed_share (default 0.2); gives_changes (default
    false: links are compared; see connected_components_is_incremental).
    Another engine gets its own `materialization connected_components, adapter=...`.
-#}
{% materialization connected_components, adapter='postgres' %}

    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set links_relation = connected_components_links(this) -%}
    {%- set max_rounds = config.get('max_rounds', 60) -%}
    {%- set state = namespace(is_full=true, backup_relation=none) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {# Nothing comes in an order that the planner knows of, so merging would sort; sizes are
       all it has to know, so small samples do; tables are in memory or nearly so. #}
    {% do run_query('set local enable_mergejoin = off; set local default_statistics_target = 10;'
        ~ ' set local random_page_cost = 1.1') %}
    {% if connected_components_is_incremental() %}
        {% set share = connected_components_changes(links_relation) %}
        {% set state.is_full = share > config.get('max_changed_share', 0.2) and not config.get('gives_changes', false) %}
    {% endif %}

    {% if state.is_full %}
        {% set state.backup_relation = connected_components_build(
            existing_relation, target_relation, links_relation, max_rounds) %}
    {% else %}
        {% do connected_components_update(target_relation, links_relation, max_rounds) %}
    {% endif %}

    {% do run_query('set local enable_mergejoin to default; set local default_statistics_target to default;'
        ~ ' set local random_page_cost to default') %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% set revoke = should_revoke(existing_relation, full_refresh_mode=state.is_full) %}
    {% do apply_grants(target_relation, config.get('grants'), should_revoke=revoke) %}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}

    {% if state.backup_relation %}{{ drop_relation_if_exists(state.backup_relation) }}{% endif %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}

{% endmaterialization %}
