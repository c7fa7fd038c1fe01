-- Good store orders whose day has come. One row per order.
select *
from {{ ref('base_pos__orders') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
