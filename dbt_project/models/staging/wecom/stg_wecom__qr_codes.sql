-- Good QR codes whose day has come. One row per code.
select *
from {{ ref('base_wecom__qr_codes') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
