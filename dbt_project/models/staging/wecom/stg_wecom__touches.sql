-- Good WeCom sends whose day has come. One row per send.
select *
from {{ ref('base_wecom__touches') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
