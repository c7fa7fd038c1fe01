-- Good shares and openings whose day has come. One row per share and opener.
select *
from {{ ref('base_mini_program__shares') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
