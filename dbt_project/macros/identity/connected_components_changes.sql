{#-
    What changed since the last run, as the temporary table cc_changes (k, is_added): found
    by comparing the model's links with those of the last run, or told by the model itself
    (config gives_changes). Returns the share of links that changed.
-#}
{% macro connected_components_changes(links_relation) %}
    {% if config.get('gives_changes', false) %}
        {% do connected_components_table('cc_changes', "
            select distinct links.k, links.is_added and known.k is null as is_added
            from " ~ connected_components_packed('is_added') ~ " as links
            left join " ~ links_relation ~ " as known on known.k = links.k
            where links.k is null or links.is_added = (known.k is null)
        ") %}
    {% else %}
        {% do connected_components_table('cc_changes', "
            select distinct coalesce(given.k, known.k) as k, known.k is null as is_added
            from " ~ connected_components_packed() ~ " as given
            full join " ~ links_relation ~ " as known on known.k = given.k
            where given.k is null or known.k is null
        ") %}
    {% endif %}
    {% do connected_components_check('cc_changes') %}
    {{ return(run_query("
        select cast((select count(*) from cc_changes) as float8)
            / greatest((select reltuples from pg_class where oid = '" ~ links_relation ~ "'::regclass), 1)
    ").rows[0][0]) }}
{% endmacro %}


{#-
    Whether this run only needs what changed: there is a map and the links it was made of,
    and nobody wants a full build. A model with gives_changes asks it, and then selects
    a, b, is_added instead of all links.
-#}
{% macro connected_components_is_incremental() %}
    {% if not execute %}{{ return(false) }}{% endif %}
    {% set map = load_cached_relation(this) %}
    {{ return(
        map is not none and map.is_table
        and load_cached_relation(connected_components_links(this)) is not none
        and not should_full_refresh()
    ) }}
{% endmacro %}


{#- The table of links beside a map. -#}
{% macro connected_components_links(relation) %}
    {{ return(relation.incorporate(path={'identifier': relation.identifier ~ '__links'}, type='table')) }}
{% endmacro %}
