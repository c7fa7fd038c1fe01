-- Good Douyin refunds whose day has come. One row per refund.
select *
from {{ ref('base_douyin__refunds') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
