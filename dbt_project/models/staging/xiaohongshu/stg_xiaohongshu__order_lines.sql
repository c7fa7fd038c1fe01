-- Good Xiaohongshu order lines whose day has come. One row per order line.
select *
from {{ ref('base_xiaohongshu__order_lines') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
