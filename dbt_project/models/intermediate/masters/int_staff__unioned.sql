-- Staff of all channels that have staff. One row per person.
select
    staff_code,
    name,
    store_code,
    role,
    status,
    hired_on,
    left_on
from {{ ref('stg_pos__staff') }}
