-- From when to when somebody was in a segment, as known now: under the id of then
-- (customer_id) and the id of now (current_customer_id, null when nobody took over).
-- One row per segment, customer and stay; left_on is null while it lasts.

with

-- Entered and left on one day, in whatever order it became known, is no change.
changes as (

    select
        segment_code,
        customer_id,
        on_date,
        sum(case op when 'entered' then 1 else -1 end) as balance
    from {{ ref('segment_membership_event') }}
    where op in ('entered', 'left')
    group by segment_code, customer_id, on_date
    having sum(case op when 'entered' then 1 else -1 end) <> 0

),

stays as (

    select
        *,
        lead(on_date) over (
            partition by segment_code, customer_id order by on_date
        ) as next_on
    from changes

),

aliases as (

    select * from {{ ref('oneid_alias') }}

)

select
    stays.segment_code,
    stays.customer_id,
    case when aliases.old_id is null then stays.customer_id else aliases.customer_id end
        as current_customer_id,
    stays.on_date as entered_on,
    stays.next_on as left_on
from stays
left join aliases on stays.customer_id = aliases.old_id
where stays.balance = 1
