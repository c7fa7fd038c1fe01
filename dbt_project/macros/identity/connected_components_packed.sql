{#-
    The model's links as a subquery of the column k = (bigger node << 32) | smaller node,
    null for what is no link, and others by name.
-#}
{% macro connected_components_packed(others='') -%}
    (
        select
            case
                when a >= 0 and b >= 0 and greatest(a, b) < 1::bigint << 31
                    then (greatest(a, b) << 32) | least(a, b)
            end as k
            {{ ', ' ~ others if others }}
        from (
            select cast(a as bigint) as a, cast(b as bigint) as b {{ ', ' ~ others if others }}
            from ({{ sql }}) as model
        ) as pairs
    )
{%- endmacro %}


{#- Stop at a null among the packed links of `table`, naming the model's link. -#}
{% macro connected_components_check(table) %}
    {% if connected_components_any(table ~ ' where k is null') %}
        {% set bad = run_query(
            'select a, b from (' ~ sql ~ ') as links where (a >= 0 and b >= 0'
            ~ ' and greatest(a, b) < 1::bigint << 31) is not true limit 1').rows[0] %}
        {{ exceptions.raise_compiler_error(
            this ~ ": nodes must be integers from 0 to 2^31 - 1, got the link ("
            ~ bad[0] ~ ", " ~ bad[1] ~ ")") }}
    {% endif %}
{% endmacro %}
