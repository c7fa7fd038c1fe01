-- Points accounts as they changed, for telling the channels: what changed after a day
-- is `where happened_on > that day and is_latest`. One row per account and day.
select
    account_day_key,
    customer_id,
    pool_code,
    happened_on,
    available_change,
    debt_change,
    available_points,
    pending_points,
    debt_points,
    next_happened_on is null as is_latest
from {{ ref('fct_points_days') }}
