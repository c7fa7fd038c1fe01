-- Good Douyin reviews whose day has come. One row per review.
select *
from {{ ref('base_douyin__reviews') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
