{#-
    What this model's rows depend on besides facts, as it stands in the warehouse: its own
    SQL, rows of seeds and of the calendar (its own and those by which its people are
    marked: a window that is new was crossed by people before), and how the models it reads
    of its own kind were built. Facts are not in it: who is due says what changed of them.
-#}
{% macro rules_digest() -%}
    {%- set parts = [graph.nodes[model.unique_id].checksum.checksum] -%}
    {%- for parent in own_parents() -%}
        {%- do parts.append(last_build(parent.relation_name).rules) -%}
    {%- endfor -%}
    {%- set read = model.depends_on.nodes | list -%}
    {%- for name in model.depends_on.nodes if name.endswith('__due') -%}
        {%- do read.extend(graph.nodes[name].depends_on.nodes) -%}
    {%- endfor -%}
    {%- for name in read | unique | sort
        if graph.nodes[name].resource_type == 'seed' or name.endswith('.dim_dates') -%}
        {%- set rows = run_query(
            'select count(*), sum(' ~ row_digest('one') ~ ') from '
            ~ graph.nodes[name].relation_name ~ ' as one'
        ) -%}
        {%- do parts.append(rows.columns[0].values()[0] ~ ':' ~ rows.columns[1].values()[0]) -%}
    {%- endfor -%}
    {%- do return(local_md5(parts | join(' '))) -%}
{%- endmacro %}
