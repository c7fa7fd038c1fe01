-- Good Douyin leads whose day has come. One row per lead.
select *
from {{ ref('base_douyin__leads') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
