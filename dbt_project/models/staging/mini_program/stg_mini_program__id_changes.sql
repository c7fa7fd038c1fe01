-- Good changes of bound phones whose day has come. One row per change.
select *
from {{ ref('base_mini_program__id_changes') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
