-- Of whom other facts are known than before, and in which round that was seen. One row
-- per customer who has or had any (digest is null when there are none any more).
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='customer_id',
) }}

with

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
        sum(digest) as digest
    from {{ ref('int_facts__digests') }}
    group by customer_id

),

-- Everybody is due when cut points change with the day, and when the day is an earlier
-- one than before.
other_days as (

    select distinct last_seen.seen_on
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

final as (

    select
        coalesce(digests.customer_id, known.customer_id) as customer_id,
        digests.digest,
        {{ as_of_date() }} as seen_on,
        {{ new_round() }} as due_round
    from digests
    full join known on digests.customer_id = known.customer_id
    left join other_days on known.seen_on <= other_days.seen_on
    where
        digests.digest is distinct from known.digest
        or other_days.seen_on is not null

)

select * from final
