-- Who bought, sent back or was given other purchases than before, or has one that comes
-- to the end of a window (seed due_windows), and in which round that was seen. One row
-- per customer who has or had purchases (digest is null when there are none any more).
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='customer_id',
) }}

with

purchases as (

    select * from {{ ref('int_purchases__orders') }}

),

windows as (

    select * from {{ ref('due_windows') }}
    where subject = 'purchases'

),

cuts as (

    select * from {{ ref('tag_cuts') }}

),

known as (

    select * from {{ rows_so_far({
        'customer_id': 'bigint', 'digest': 'numeric', 'seen_on': 'date',
    }) }} as so_far

),

last_seen as (

    select max(seen_on) as seen_on from known

),

digests as (

    select
        customer_id,
        sum({{ row_digest('purchases') }}) as digest
    from purchases
    group by customer_id

),

-- Everybody is due when cut points change with the day, and when the day is an earlier
-- one than before.
other_days as (

    select last_seen.seen_on
    from last_seen
    left join cuts
        on
            (
                last_seen.seen_on < cuts.valid_from
                and cuts.valid_from <= {{ as_of_date() }}
            )
            or (
                last_seen.seen_on <= cuts.valid_to
                and cuts.valid_to < {{ as_of_date() }}
            )
    where
        cuts.cut_set is not null
        or last_seen.seen_on > {{ as_of_date() }}

),

-- A day leaves a window when it is as many days ago as the window has.
crossings as (

    select distinct purchases.customer_id
    from purchases
    cross join windows
    cross join last_seen
    where
        purchases.paid_on + windows.window_days <= {{ as_of_date() }}
        and purchases.paid_on + windows.window_days > last_seen.seen_on
    union
    select known.customer_id
    from known
    inner join other_days on known.seen_on <= other_days.seen_on

),

final as (

    select
        coalesce(digests.customer_id, known.customer_id) as customer_id,
        digests.digest,
        {{ as_of_date() }} as seen_on,
        {{ new_round() }} as due_round
    from digests
    full join known on digests.customer_id = known.customer_id
    left join crossings on digests.customer_id = crossings.customer_id
    where
        digests.digest is distinct from known.digest
        or crossings.customer_id is not null

)

select * from final
