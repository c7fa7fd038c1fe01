-- Good Douyin coupons whose day has come. One row per coupon and step.
select *
from {{ ref('base_douyin__coupons') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
