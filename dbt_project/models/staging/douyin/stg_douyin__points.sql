-- Good Douyin points whose day has come. One row per points entry.
select *
from {{ ref('base_douyin__points') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
