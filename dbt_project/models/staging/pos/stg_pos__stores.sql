-- Good store stores whose day has come. One row per store.
select *
from {{ ref('base_pos__stores') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
