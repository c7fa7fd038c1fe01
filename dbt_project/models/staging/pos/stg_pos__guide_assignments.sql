-- Good store guide assignments whose day has come. One row per assignment.
select *
from {{ ref('base_pos__guide_assignments') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
