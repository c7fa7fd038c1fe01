{#- Whether a temporary table (with an optional where clause) holds a row. -#}
{% macro connected_components_any(source) %}
    {{ return(run_query('select exists (select 1 from ' ~ source ~ ')').rows[0][0]) }}
{% endmacro %}
