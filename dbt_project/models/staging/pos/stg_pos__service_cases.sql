-- Good service cases whose day has come. One row per case.
select *
from {{ ref('base_pos__service_cases') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
