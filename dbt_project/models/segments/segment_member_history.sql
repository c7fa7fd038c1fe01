-- From when to when somebody was in a segment, under the id of then. One row per
-- segment, customer and stay; left_on is null while it lasts.

with

events as (

    select
        *,
        lead(on_date) over (
            partition by segment_code, customer_id order by event_no
        ) as next_on
    from {{ ref('segment_membership_event') }}

)

select
    segment_code,
    customer_id,
    on_date as entered_on,
    next_on as left_on
from events
where op = 'entered'
