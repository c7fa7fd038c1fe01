-- Good relation changes whose day has come. One row per change.
select *
from {{ ref('base_wecom__relations') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
