-- Who entered or left which segment from which day on, and what each day came to. op is
-- entered or left, a row per segment, customer (the id of then) and change; or counted,
-- a row per segment and day with the number and the digest of its members.
-- Append-only and bitemporal: true from on_date, said by the run of recorded_at. Events
-- are differences: members on a day are those whose entered less left up to it is 1.
-- A day run again adds only what is new; a day before the newest is corrected alone.
{{ config(
    materialized='incremental', full_refresh=false, pre_hook="{{ bitemporal_columns() }}"
) }}

with

members as (

    select * from {{ ref('segment_members') }}

),

counts as (

    select * from {{ ref('segment_counts') }}

),

recorded as not materialized (

    {% if is_incremental() %}
        select * from {{ this }}
    {% else %}
        select
            *,
            cast(null as bigint) as event_no,
            cast(null as text) as op,
            cast(null as date) as on_date,
            cast(null as text) as digest
        from members
        where false
    {% endif %}

),

states as (

    select
        segment_code,
        customer_id,
        max(event_no) as event_no,
        coalesce(
            sum(case op when 'entered' then 1 else -1 end)
            filter (where on_date <= {{ as_of_date() }}), 0
        ) as balance
    from recorded
    where op in ('entered', 'left')
    group by segment_code, customer_id

),

changes as (

    select
        coalesce(members.segment_code, states.segment_code) as segment_code,
        coalesce(members.customer_id, states.customer_id) as customer_id,
        coalesce(states.event_no, 0) + 1 as event_no,
        case when members.customer_id is null then 'left' else 'entered' end as op,
        {{ as_of_date() }} as on_date
    from members
    full join states
        on
            members.segment_code = states.segment_code
            and members.customer_id = states.customer_id
    where (members.customer_id is not null) <> (coalesce(states.balance, 0) = 1)

),

-- The day after, where a day is corrected that is not the newest.
next_day as (

    select min(on_date) as on_date from recorded
    where on_date > {{ as_of_date() }}

),

-- What was last said of each segment, and what of this day.
last_counts as (

    select
        segment_code,
        max(event_no) as event_no,
        max(event_no) filter (where on_date = {{ as_of_date() }}) as today_no
    from recorded
    where op = 'counted'
    group by segment_code

),

-- A segment that has emptied counts as none.
new_counts as (

    select
        coalesce(counts.segment_code, last_counts.segment_code) as segment_code,
        coalesce(last_counts.event_no, 0) + 1 as event_no,
        coalesce(counts.member_count, 0) as member_count,
        coalesce(counts.digest, {{ sha256_hex("''") }}) as digest
    from counts
    full join last_counts on counts.segment_code = last_counts.segment_code
    left join recorded as said
        on
            last_counts.segment_code = said.segment_code
            and last_counts.today_no = said.event_no
            and said.op = 'counted'
    where coalesce(counts.digest, {{ sha256_hex("''") }}) is distinct from said.digest

),

final as (

    select
        *,
        cast(null as bigint) as member_count,
        cast(null as text) as digest
    from changes
    union all
    select
        changes.segment_code,
        changes.customer_id,
        changes.event_no + 1 as event_no,
        case changes.op when 'entered' then 'left' else 'entered' end as op,
        next_day.on_date,
        null as member_count,
        null as digest
    from changes
    inner join next_day on next_day.on_date is not null
    union all
    select
        segment_code,
        null as customer_id,
        event_no,
        'counted' as op,
        {{ as_of_date() }} as on_date,
        member_count,
        digest
    from new_counts

)

select
    *,
    cast('{{ run_started_at }}' as timestamptz) as recorded_at,
    '{{ invocation_id }}' as run_id
from final
