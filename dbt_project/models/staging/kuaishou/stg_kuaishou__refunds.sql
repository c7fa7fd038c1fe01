-- Good Kuaishou refunds whose day has come. One row per refund.
select *
from {{ ref('base_kuaishou__refunds') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
