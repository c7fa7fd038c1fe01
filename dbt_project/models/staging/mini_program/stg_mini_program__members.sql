-- Good users of the members' club whose day has come. One row per user and version.
select *
from {{ ref('base_mini_program__members') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
