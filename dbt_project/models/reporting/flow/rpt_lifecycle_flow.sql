-- How many moved from which stage to which over a period. One row per period and pair
-- of stages; for any other two dates join int_lifecycle__history with itself.

select
    period,
    from_on,
    to_on,
    from_state as from_stage,
    to_state as to_stage,
    customer_count,
    from_state_rate as from_stage_rate
from {{ ref('int_flow__matrix') }}
where state_code = 'lifecycle'
