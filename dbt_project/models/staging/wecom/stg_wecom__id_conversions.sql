-- Good id conversions whose day has come. One row per conversion.
select *
from {{ ref('base_wecom__id_conversions') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
