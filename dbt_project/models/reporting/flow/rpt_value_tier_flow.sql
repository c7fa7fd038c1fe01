-- How many moved from which tier to which over a period. One row per period and pair of
-- tiers; for any other two dates join int_value_tier__history with itself.

select
    period,
    from_on,
    to_on,
    from_state as from_tier,
    to_state as to_tier,
    customer_count,
    from_state_rate as from_tier_rate
from {{ ref('int_flow__matrix') }}
where state_code = 'value_tier'
