-- Good store coupons whose day has come. One row per coupon and step.
select *
from {{ ref('base_pos__coupons') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
