-- Good store campaigns whose day has come. One row per campaign.
select *
from {{ ref('base_pos__campaigns') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
