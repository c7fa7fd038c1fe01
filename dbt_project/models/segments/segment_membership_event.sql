-- Who entered or left which segment on which day. One row per segment, customer and
-- change, numbered: odd entered, even left. Append-only: it cannot be rebuilt, so a
-- full refresh leaves it alone; running a day again adds only what changed since.
{{ config(materialized='incremental', full_refresh=false) }}

with

members as (

    select * from {{ ref('segment_members') }}

),

recorded as (

    select
        segment_code,
        customer_id,
        {% if is_incremental() %}max(event_no){% else %}0{% endif %} as event_no
    from {% if is_incremental() %}{{ this }}{% else %}members{% endif %}
    group by segment_code, customer_id

),

changes as (

    select
        coalesce(members.segment_code, recorded.segment_code) as segment_code,
        coalesce(members.customer_id, recorded.customer_id) as customer_id,
        case when members.customer_id is null then 'left' else 'entered' end as op,
        coalesce(recorded.event_no, 0) + 1 as event_no
    from members
    full join recorded
        on
            members.segment_code = recorded.segment_code
            and members.customer_id = recorded.customer_id
    where
        -- An odd number of events: inside. Only a difference is an event.
        (members.customer_id is not null)
        <> (coalesce(recorded.event_no, 0) % 2 = 1)

),

final as (

    select
        segment_code,
        customer_id,
        event_no,
        op,
        {{ as_of_date() }} as on_date,
        '{{ invocation_id }}' as run_id
    from changes

)

select * from final
