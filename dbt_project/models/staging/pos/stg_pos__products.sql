-- Good store products whose day has come. One row per item and
-- version.
select *
from {{ ref('base_pos__products') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
