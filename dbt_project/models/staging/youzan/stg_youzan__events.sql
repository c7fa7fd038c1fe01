-- Good Youzan events whose day has come. One row per event.
select *
from {{ ref('base_youzan__events') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
