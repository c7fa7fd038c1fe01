-- Of whom other facts are known than before, or a visit comes to the end of a window
-- (seed due_windows), and in which round that was seen. One row per customer who has or
-- had facts.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='customer_id',
) }}

with

facts as (

    select
        customer_id,
        due_round as facts_round
    from {{ ref('int_facts__due') }}

),

days as (

    select * from {{ ref('int_behaviour__hours') }}

),

windows as (

    select * from {{ ref('due_windows') }}
    where subject = 'behaviour'

),

known as (

    select * from {{ rows_so_far({
        'customer_id': 'bigint', 'facts_round': 'bigint', 'seen_on': 'date',
    }) }} as so_far

),

last_seen as (

    select max(seen_on) as seen_on from known

),

-- A day leaves a window when it is as many days ago as the window has.
crossings as (

    select distinct days.customer_id
    from days
    cross join windows
    cross join last_seen
    where
        days.occurred_on + windows.window_days <= {{ as_of_date() }}
        and days.occurred_on + windows.window_days > last_seen.seen_on

),

final as (

    select
        coalesce(facts.customer_id, known.customer_id) as customer_id,
        facts.facts_round,
        {{ as_of_date() }} as seen_on,
        {{ new_round() }} as due_round
    from facts
    full join known on facts.customer_id = known.customer_id
    left join crossings on facts.customer_id = crossings.customer_id
    where
        facts.facts_round is distinct from known.facts_round
        or crossings.customer_id is not null

)

select * from final
