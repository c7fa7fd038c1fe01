-- Good store product codes whose day has come. One row per channel and merchant code.
select *
from {{ ref('base_pos__product_codes') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
