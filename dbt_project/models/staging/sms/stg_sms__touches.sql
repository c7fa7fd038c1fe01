-- Good receipts of text messages whose day has come. One row per message and number.
select *
from {{ ref('base_sms__touches') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
