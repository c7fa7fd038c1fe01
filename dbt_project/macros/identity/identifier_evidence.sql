{#-
    Which identifiers the records of a channel show together, and when, as the columns of
    int_identity__<channel>_evidence. `identifiers` lists type, role and the column of
    `records` that holds it. Records are summed up before identifiers become rows: many
    records of a person show the same few.
-#}
{% macro identifier_evidence(channel, records, identifiers) -%}
with

summed as (

    select
        shop_code,
        record_type,
        anchor_type,
        anchor_value,
        {%- for _, _, column in identifiers %}
        {{ column }},
        {%- endfor %}
        min(observed_at) as first_seen_at,
        max(observed_at) as last_seen_at,
        count(*) as record_count,
        min(record_key) as example_record_key
    from {{ records }}
    where anchor_value is not null
    group by
        shop_code,
        record_type,
        anchor_type,
        anchor_value
        {%- for _, _, column in identifiers %},
        {{ column }}
        {%- endfor %}

),

final as (

    select
        '{{ channel }}' as channel_code,
        summed.shop_code,
        summed.record_type,
        summed.anchor_type,
        summed.anchor_value,
        seen.identifier_type,
        seen.role,
        seen.value,
        summed.first_seen_at,
        summed.last_seen_at,
        summed.record_count,
        summed.example_record_key
    from summed
    cross join
        lateral (
            values
            {%- for type, role, column in identifiers %}
            ('{{ type }}', '{{ role }}', summed.{{ column }}){{ ',' if not loop.last }}
            {%- endfor %}
        ) as seen (identifier_type, role, value)
    where seen.value is not null

)

select * from final
{%- endmacro %}
