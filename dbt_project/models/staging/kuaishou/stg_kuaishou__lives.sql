-- Good Kuaishou live sessions whose day has come. One row per session.
select *
from {{ ref('base_kuaishou__lives') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
