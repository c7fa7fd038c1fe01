-- Good counts at store doors whose day has come. One row per counter and hour.
select *
from {{ ref('base_pos__store_traffic') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
