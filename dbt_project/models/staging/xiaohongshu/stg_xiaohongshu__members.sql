-- Good Xiaohongshu users whose day has come. One row per user and version.
select *
from {{ ref('base_xiaohongshu__members') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
