{#-
    A singular test whose rows (seed, line_no, fault) are mistakes of people in seeds: its
    error names file, line and mistake, where a plain test would only count them.
-#}
{% macro stop_at_faults(query) %}
    {% if execute and flags.WHICH in ('build', 'test') %}
        {% set lines = [] %}
        {% for row in run_query(query ~ ' order by seed, line_no, fault limit 20').rows %}
            {% do lines.append(row['seed'] ~ '.csv line ' ~ row['line_no'] ~ ': ' ~ row['fault']) %}
        {% endfor %}
        {% if lines %}{{ exceptions.raise_compiler_error(lines | join('\n')) }}{% endif %}
    {% endif %}
    {{ query }}
{% endmacro %}
