-- Good guide tasks whose day has come. One row per task.
select *
from {{ ref('base_wecom__guide_tasks') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
