-- Mistakes in the rules of behaviour tags, each with its file and line.
{{ config(meta={'dagster': {'ref': {'name': 'behaviour_tags'}}}) }}

{% set faults %}

with

rules as (

    select
        *,
        {{ seed_line() }} as line_no
    from {{ ref('behaviour_tags') }}

),

event_types as (

    select * from {{ ref('behaviour_event_types') }}

),

column_tags as (

    {{ tag_catalog() }}

),

columns as (

    select
        named.column_name,
        'text' as kind
    from
        unnest(array['{{ behaviour_columns()["text"] | join("', '") }}'])
            as named (column_name)
    union all
    select
        named.column_name,
        'number' as kind
    from
        unnest(array['{{ behaviour_columns()["number"] | join("', '") }}'])
            as named (column_name)

),

conditions as (

    select
        rules.line_no,
        written.condition,
        split_part(written.condition, ' ', 1) as column_name,
        split_part(written.condition, ' ', 2) as operator,
        substring(written.condition from '^\S+ \S+ (.+)$') as compared_to,
        columns.kind
    from rules
    cross join lateral regexp_split_to_table(rules.filters, ' and ') as written (condition)
    left join columns on split_part(written.condition, ' ', 1) = columns.column_name

),

final as (

    select
        line_no,
        coalesce(tag_code, 'a tag code') || ' is not named behaviour_<what>' as fault
    from rules
    where coalesce(tag_code, '') !~ '^behaviour_[a-z0-9_]+$'
    union all
    select
        line_no,
        tag_code || ' is there twice' as fault
    from (
        select
            *,
            row_number() over (partition by tag_code order by line_no) as place
        from rules
    ) as numbered
    where place > 1
    union all
    select
        rules.line_no,
        rules.tag_code || ' is taken by a column of ' || column_tags.model_name as fault
    from rules
    inner join column_tags on rules.tag_code = column_tags.tag_code
    where not coalesce(rules.is_promoted, false)
    union all
    select
        rules.line_no,
        rules.tag_code || ' is no column tag, so it is not promoted' as fault
    from rules
    left join column_tags on rules.tag_code = column_tags.tag_code
    where rules.is_promoted and column_tags.tag_code is null
    union all
    select
        line_no,
        'name_zh, path, owner and description are needed' as fault
    from rules
    where '' in (
        coalesce(name_zh, ''),
        coalesce(path, ''),
        coalesce(owner, ''),
        coalesce(description, '')
    )
    union all
    select
        rules.line_no,
        rules.name_zh || ' is the name of ' || others_tag.tag_code as fault
    from rules
    inner join (
        select
            tag_code,
            name_zh
        from column_tags
        union
        select
            tag_code,
            name_zh
        from rules
    ) as others_tag
        on
            rules.name_zh = others_tag.name_zh
            and rules.tag_code <> others_tag.tag_code
    union all
    select
        rules.line_no,
        coalesce(nullif(asked.event_type, ''), 'nothing')
        || ' is no event type of behaviour_event_types' as fault
    from rules
    cross join
        lateral regexp_split_to_table(coalesce(rules.event_types, ''), '\|')
            as asked (event_type)
    left join event_types on asked.event_type = event_types.event_type
    where event_types.event_type is null
    union all
    select
        line_no,
        coalesce(nullif(measure, ''), 'nothing')
        || ' is no measure (count, distinct, sum, average, first, last, days_since, top)'
            as fault
    from rules
    where coalesce(measure, '') not in (
        'count', 'distinct', 'sum', 'average', 'first', 'last', 'days_since', 'top'
    )
    union all
    select
        line_no,
        measure || ' measures no column, so measured_column stays empty' as fault
    from rules
    where
        measure in ('count', 'first', 'last', 'days_since')
        and coalesce(measured_column, '') <> ''
    union all
    select
        rules.line_no,
        'measured_column: ' || coalesce(nullif(rules.measured_column, ''), 'nothing')
        || ' is no column that ' || rules.measure || ' can measure' as fault
    from rules
    left join columns on rules.measured_column = columns.column_name
    where
        rules.measure in ('distinct', 'sum', 'average', 'top')
        and (
            columns.kind is null
            or (rules.measure in ('sum', 'average') and columns.kind <> 'number')
        )
    union all
    select
        line_no,
        'window_days: ' || window_days || ' is no positive number of days' as fault
    from rules
    where
        coalesce(window_days, '') <> ''
        and (window_days !~ '^[0-9]{1,4}$' or window_days ~ '^0+$')
    union all
    select
        line_no,
        'a rule has three filters at most' as fault
    from conditions
    group by line_no
    having count(*) > 3
    union all
    select
        line_no,
        'filter ' || condition || ': '
        || case
            when kind is null then column_name || ' is no column of an event'
            when operator not in ('=', '<>', '<', '<=', '>', '>=', 'in', 'contains')
                then operator || ' is no operator (= <> < <= > >= in contains)'
            when compared_to is null then 'a value is missing'
            when kind = 'text' and operator in ('<', '<=', '>', '>=')
                then column_name || ' is a text and has no order'
            when kind = 'number' and operator in ('in', 'contains')
                then column_name || ' is a number and is compared'
            else compared_to || ' is no number'
        end as fault
    from conditions
    where
        condition <> ''
        and (
            kind is null
            or operator not in ('=', '<>', '<', '<=', '>', '>=', 'in', 'contains')
            or compared_to is null
            or (kind = 'text' and operator in ('<', '<=', '>', '>='))
            or (kind = 'number' and operator in ('in', 'contains'))
            or (kind = 'number' and compared_to !~ '^-?[0-9]+(\.[0-9]+)?$')
        )

)

select
    'behaviour_tags' as seed,
    line_no,
    fault
from final

{% endset %}

{{ stop_at_faults(faults) }}
