-- Good Kuaishou orders whose day has come. One row per order.
select *
from {{ ref('base_kuaishou__orders') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
