-- Good Douyin contents whose day has come. One row per content.
select *
from {{ ref('base_douyin__contents') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
