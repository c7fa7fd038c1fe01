{#-
    Which identifiers the records of a channel show together, and when, as the columns of
    int_identity__<channel>_evidence. `identifiers` lists type, role and the column of
    `records` that holds it. Records are summed up before identifiers become rows: many
    records of a person show the same few. Where one of the types is a subject that has one
    owner at a time, they are summed up by month: what goes and returns must be seen.
-#}
{% macro identifier_evidence(channel, records, identifiers) -%}
with

exclusive_types as (

    select count(*) > 0 as is_shown
    from {{ ref('oneid_subject_types') }}
    where
        is_exclusive
        and identifier_type in (
            {%- for type, _, _ in identifiers %}'{{ type }}'{{ ', ' if not loop.last }}{% endfor -%}
        )

),

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
    cross join exclusive_types
    where anchor_value is not null
    group by
        shop_code,
        record_type,
        anchor_type,
        anchor_value
        {%- for _, _, column in identifiers %},
        {{ column }}
        {%- endfor %},
        case when exclusive_types.is_shown then date_trunc('month', observed_at) end

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
