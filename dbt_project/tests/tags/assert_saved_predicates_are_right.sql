-- Mistakes in saved predicates, each with its file and line: names, tags and values.
-- How a condition is put together is judged by audience/predicates.py, which reads it
-- as a tree; what a change of tags can break is judged here too.
{{ config(meta={'dagster': {'ref': {'name': 'saved_predicates'}}}) }}

{% set literal = "(?:''(?:[^'']|'''')*''|[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)" %}
{% set symbols = "<=|>=|<>|!=|!~|--|/\\*|\\S" %}
{% set functions = "abs|cast|ceil|coalesce|extract|floor|greatest|least|length|nullif|round|starts_with" %}
{% set parts = "year|quarter|month|day|doy|isodow" %}
-- What stands in a condition and names nothing: a function before its bracket, a part of
-- a date, a type that is cast to, what a text in quotation marks is.
{% set grammar = "\\m(?:" ~ functions ~ ")(?=\\s*\\()|\\m(?:" ~ parts ~ ")(?=\\s+from\\y)"
    ~ "|\\m(?:date|interval)(?=\\s*'')|\\mas\\s+(?:date|numeric|decimal)\\y"
    ~ "|::\\s*(?:date|numeric|decimal)\\y" %}

{% set faults %}

with

predicates as (

    select
        *,
        {{ seed_line() }} as line_no
    from {{ ref('saved_predicates') }}

),

column_tags as (

    {{ tag_catalog() }}

),

segments as (

    {{ segment_codes() }}

),

-- What a condition may name, from which line of the seed on.
terms as (

    select
        tag_code as term,
        case
            when type = 'bool' then 'condition'
            when type = 'enum' and data_type <> 'text' then 'number'
            when type = 'enum' then 'text'
            else type
        end as kind,
        case when data_type = 'text' then nullif(allowed_values, '') end
            as allowed_values,
        1 as named_from
    from column_tags
    where entity = 'customer'
    union all
    select
        segment_code as term,
        'condition' as kind,
        null as allowed_values,
        1 as named_from
    from segments
    union all
    select
        'base_date' as term,
        'date' as kind,
        null as allowed_values,
        1 as named_from
    union all
    select
        name as term,
        'condition' as kind,
        null as allowed_values,
        min(line_no) + 1 as named_from
    from predicates
    where name not in (select tag_code from column_tags)
    group by name

),

tokens as (

    select
        predicates.line_no,
        written.found[1] as token
    from predicates
    cross join
        lateral regexp_matches(
            regexp_replace(predicates.predicate, '{{ grammar }}', ' ', 'gi'),
            '({{ literal }}|[A-Za-z_][A-Za-z_0-9]*|{{ symbols }})',
            'g'
        ) as written (found)

),

words as (

    select
        line_no,
        lower(token) as token
    from tokens
    where
        token ~ '^[A-Za-z_]'
        and lower(token) not in (
            'and', 'or', 'not', 'in', 'is', 'null', 'true', 'false', 'between', 'like',
            'distinct', 'from', 'isnull', 'notnull'
        )

),

-- A term and the values it is compared with.
compared as (

    select
        predicates.line_no,
        terms.*,
        given.found[1] as given_value,
        given.found[1] like '''%' as is_text
    from predicates
    cross join
        lateral regexp_matches(
            predicates.predicate,
            '([A-Za-z_][A-Za-z_0-9]*)\s*(?:[=<>!]+|\s(?:not\s+)?in\s*\()\s*'
            || '({{ literal }}(?:\s*,\s*{{ literal }})*)',
            'gi'
        ) as comparison (found)
    cross join
        lateral regexp_matches(comparison.found[2], '({{ literal }})', 'g')
            as given (found)
    inner join terms on lower(comparison.found[1]) = terms.term

),

final as (

    select
        line_no,
        coalesce(name, 'a name') || ' is no snake_case name' as fault
    from predicates
    where coalesce(name, '') !~ '^[a-z0-9][a-z0-9_]*$'
    union all
    select
        predicates.line_no,
        predicates.name || ' is taken' as fault
    from predicates
    inner join terms
        on
            predicates.name = terms.term
            and predicates.line_no >= terms.named_from
    union all
    select
        line_no,
        name || ' needs a name_zh of its own' as fault
    from (
        select
            *,
            row_number() over (partition by name_zh order by line_no) as place
        from predicates
    ) as numbered
    where place > 1 or coalesce(name_zh, '') = ''
    union all
    select
        line_no,
        'owner ' || coalesce(owner, 'nobody') || ' is none of {{ graph.groups.values() | map(attribute="name") | join(", ") }}'
            as fault
    from predicates
    where coalesce(owner, '') not in (
        '{{ graph.groups.values() | map(attribute="name") | join("', '") }}'
    )
    union all
    select
        line_no,
        'a condition is missing' as fault
    from predicates
    where coalesce(predicate, '') !~ '\S'
    union all
    select distinct
        words.line_no,
        'there is no tag ' || words.token as fault
    from words
    left join terms
        on
            words.token = terms.term
            and words.line_no >= terms.named_from
    where terms.term is null
    union all
    select distinct
        line_no,
        token || ' is no part of a condition' as fault
    from tokens
    where
        token !~ '^([A-Za-z_0-9(),+*/%<>=~.-]|!=|!~|''.)'
        or token in ('--', '/*')
    union all
    select
        line_no,
        'parentheses are not closed' as fault
    from tokens
    group by line_no
    having
        count(*) filter (where token = '(') <> count(*) filter (where token = ')')
    union all
    select
        line_no,
        case
            when kind = 'condition' then term || ' is not compared so'
            when is_text and kind = 'text'
                then term || ' is never ' || given_value || ', only ' || allowed_values
            else
                given_value || ' is a ' || case when is_text then 'text' else 'number' end
                || ', ' || term || ' a ' || kind
        end as fault
    from compared
    where
        kind = 'condition'
        or (kind = 'number' and is_text)
        or (kind in ('text', 'date') and not is_text)
        or (kind = 'date' and given_value !~ '^''[0-9]{4}-[0-9]{2}-[0-9]{2}''$')
        or (
            kind = 'text'
            and trim(both '''' from given_value)
            <> all(string_to_array(allowed_values, ', '))
        )

)

select
    'saved_predicates' as seed,
    line_no,
    fault
from final

{% endset %}

{{ stop_at_faults(faults) }}
