-- Guide assignments of all programmes. One row per member, guide and first day.
select
    record_key,
    channel_code,
    shop_code,
    staff_code,
    valid_from,
    valid_to
from {{ ref('stg_pos__guide_assignments') }}
