-- Good Xiaohongshu notes whose day has come. One row per note.
select *
from {{ ref('base_xiaohongshu__notes') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
