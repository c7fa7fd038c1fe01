-- Steps of coupons that cannot happen, with the reason. One row per coupon and step.
select
    coupon_event_key,
    channel_code,
    coupon_id,
    customer_id,
    action,
    state_before,
    state_after,
    fault_reason,
    order_key,
    occurred_at
from {{ ref('fct_coupon_steps') }}
where fault_reason is not null
