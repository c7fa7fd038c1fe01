-- Good events of the members' club whose day has come. One row per event.
select *
from {{ ref('base_mini_program__events') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
