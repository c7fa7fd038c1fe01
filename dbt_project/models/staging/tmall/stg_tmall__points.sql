-- Good Tmall points whose day has come. One row per points entry.
select *
from {{ ref('base_tmall__points') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
