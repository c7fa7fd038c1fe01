{#-
    The values of the number, date and text tags of a relation, long, of a sample of its
    rows: the same rows as long as their keys are, about `sample_rows` of them. Number is
    the value (of a date its days before base_date), words that of a text. A tag is told by
    a key: millions of rows are sorted by it, and its code would be most of their bytes.
    Usage, as the body of a CTE: {{ tag_samples(ref('customer_tags_wide'), 'customer', 'customer_id') }}
-#}
{% macro tag_samples(relation, entity, key) -%}
    {%- set columns = tag_columns(relation) | selectattr('type', 'in', ['number', 'date', 'text']) | list -%}
    {%- if not columns %}
    select
        cast(0 as {{ dbt.type_bigint() }}) as tag_key, cast(0 as {{ dbt.type_float() }}) as number, '' as words, 0 as sample_size
    where false
    {%- else %}
    select
        tag.tag_key,
        tag.number,
        tag.words,
        sampled.sample_size
    from (
        select
            *,
            count(*) over () as sample_size
        from {{ relation }}
        where
            abs(mod({{ bigint_key([key]) }}, 1000003))
            < 1000003.0 * {{ var('tag_sample_rows') }} / (select count(*) from {{ relation }})
    ) as sampled
    cross join lateral (
        values
        {%- for column in columns %}
        (
            {{ bigint_key(["'" ~ entity ~ "'", "'" ~ column.code ~ "'"]) }},
            {% if column.type == 'text' -%}
            cast(null as {{ dbt.type_float() }}), {{ column.code }}
            {%- else -%}
            {{ tag_measure(column) }}, cast(null as {{ dbt.type_string() }})
            {%- endif %}
        ){{ "," if not loop.last }}
        {%- endfor %}
    ) as tag (tag_key, number, words)
    where tag.number is not null or tag.words is not null
    {%- endif %}
{%- endmacro %}
