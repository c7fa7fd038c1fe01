-- Good Kuaishou members whose day has come. One row per member and version.
select *
from {{ ref('base_kuaishou__members') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
