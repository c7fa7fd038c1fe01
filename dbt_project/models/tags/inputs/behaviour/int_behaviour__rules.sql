-- The rules of the configured behaviour tags, ready to meet events. One row per rule
-- and type of event that it asks for.
{{ config(materialized='view', post_hook=[]) }}

with

rules as (

    select * from {{ ref('behaviour_tags') }}

),

event_types as (

    select * from {{ ref('behaviour_event_types') }}

),

conditions as (

    select
        *,
        {{ behaviour_number(1) }} as number_1,
        {{ behaviour_number(2) }} as number_2,
        {{ behaviour_number(3) }} as number_3
    from {{ ref('int_behaviour__conditions') }}

),

final as (

    select
        event_types.event_type,
        rules.measure,
        rules.measured_column,
        case
            when rules.window_days <> ''
                then {{ dbt.dateadd(
                    'day', '-cast(rules.window_days as integer)', as_of_date()
                ) }}
        end as after_day,
        conditions.*
    from rules
    inner join conditions on rules.tag_code = conditions.tag_code
    inner join event_types
        on {{ dbt.position(
            "'|' || event_types.event_type || '|'", "'|' || rules.event_types || '|'"
        ) }} > 0

)

select * from final
