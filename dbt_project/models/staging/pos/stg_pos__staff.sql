-- Good store staff whose day has come. One row per person.
select *
from {{ ref('base_pos__staff') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
