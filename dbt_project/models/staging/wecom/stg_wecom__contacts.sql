-- Good WeCom contacts whose day has come. One row per contact and version.
select *
from {{ ref('base_wecom__contacts') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
