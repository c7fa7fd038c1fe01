-- Good Youzan consents whose day has come. One row per consent change.
select *
from {{ ref('base_youzan__consents') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
