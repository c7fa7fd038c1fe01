-- Door counts of all channels that have stores. One row per counter and hour.
select
    channel_code,
    shop_code,
    store_code,
    counter_no,
    {{ dbt.date_trunc('hour', 'started_at') }} as started_at,
    {{ local_date('started_at') }} as occurred_on,
    entry_count,
    passer_count
from {{ ref('stg_pos__store_traffic') }}
