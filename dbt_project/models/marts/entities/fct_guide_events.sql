-- What happened to each guide: hired, customers given and taken, left. One row per
-- event.
{{ config(materialized='view', post_hook=[]) }}

with

guides as (

    select * from {{ ref('dim_guides') }}

),

assignments as (

    select * from {{ ref('dim_guide_assignments') }}

),

moves as (

    select
        assignments.staff_code,
        named.event_type,
        named.happened_on,
        count(*) as customer_count
    from assignments
    cross join
        lateral (
            values
            ('assigned', assignments.valid_from),
            ('unassigned', assignments.valid_to)
        ) as named (event_type, happened_on)
    where named.happened_on <= {{ as_of_date() }}
    group by assignments.staff_code, named.event_type, named.happened_on

),

happened as (

    select
        guides.staff_code,
        named.event_type,
        {{ local_midnight('named.happened_on') }} as occurred_at,
        cast(null as numeric(18, 3)) as quantity,
        guides.store_code as detail
    from guides
    cross join
        lateral (
            values
            ('hired', guides.hired_on),
            ('left', guides.left_on)
        ) as named (event_type, happened_on)
    where named.happened_on is not null

    union all

    select
        staff_code,
        event_type,
        {{ local_midnight('happened_on') }} as occurred_at,
        customer_count as quantity,
        null as detail
    from moves

)

select
    'guide' as entity_type,
    staff_code as entity_key,
    event_type,
    occurred_at,
    cast(null as numeric(18, 2)) as amount,
    cast(null as numeric(18, 2)) as former_amount,
    quantity,
    detail
from happened
