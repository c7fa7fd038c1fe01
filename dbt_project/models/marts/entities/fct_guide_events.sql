-- What happened to each guide: hired, customers given and taken, WeCom contacts,
-- tasks, left. One row per event.
{{ config(materialized='view', post_hook=[]) }}

with

guides as (

    select * from {{ ref('dim_guides') }}

),

assignments as (

    select * from {{ ref('dim_guide_assignments') }}

),

contacts as (

    select * from {{ ref('fct_guide_contacts') }}

),

tasks as (

    select * from {{ ref('fct_guide_tasks') }}
    where done_at is not null

),

moves as (

    select
        assignments.staff_code,
        named.event_type,
        {{ local_midnight('named.happened_on') }} as occurred_at,
        named.happened_on
    from assignments
    cross join
        lateral (
            values
            ('assigned', assignments.valid_from),
            ('unassigned', assignments.valid_to)
        ) as named (event_type, happened_on)
    where named.happened_on <= {{ as_of_date() }}

    union all

    select
        contacts.staff_code,
        named.event_type,
        named.occurred_at,
        {{ local_date('named.occurred_at') }} as happened_on
    from contacts
    cross join
        lateral (
            values
            ('contact_added', contacts.added_at),
            ('contact_deleted', contacts.deleted_at)
        ) as named (event_type, occurred_at)
    where named.occurred_at is not null

    union all

    select
        staff_code,
        'task_done' as event_type,
        done_at as occurred_at,
        {{ local_date('done_at') }} as happened_on
    from tasks

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
        min(occurred_at) as occurred_at,
        count(*) as quantity,
        null as detail
    from moves
    group by staff_code, event_type, happened_on

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
