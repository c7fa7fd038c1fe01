-- Stores of all channels that have stores. One row per store.
select
    store_code,
    name,
    region_code,
    status,
    opened_on,
    closed_at
from {{ ref('stg_pos__stores') }}
