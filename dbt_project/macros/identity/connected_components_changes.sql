{#-
    Compare the model's links with those of the last run: the temporary table
    cc_changes (k, is_added). Returns the share of links that changed.
-#}
{% macro connected_components_changes(links_relation) %}
    {% do connected_components_table('cc_changes', "
        select distinct coalesce(given.k, known.k) as k, known.k is null as is_added
        from " ~ connected_components_packed() ~ " as given
        full join " ~ links_relation ~ " as known on known.k = given.k
        where given.k is null or known.k is null
    ") %}
    {% do connected_components_check('cc_changes') %}
    {{ return(run_query("
        select cast((select count(*) from cc_changes) as float8)
            / greatest((select reltuples from pg_class where oid = '" ~ links_relation ~ "'::regclass), 1)
    ").rows[0][0]) }}
{% endmacro %}
