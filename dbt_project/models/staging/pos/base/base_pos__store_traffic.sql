-- People counted at the stores' doors, parsed and judged. One row per landed row.

with

landed as (

    select
        counts.*,
        files.drop_date
    from {{ source('raw_pos', 'store_traffic') }} as counts
    inner join {{ source('landing', 'files') }} as files
        on counts._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('store_code') }} as store_code,
        {{ clean_id('counter_no') }} as counter_no,
        {{ parse_timestamp('hour_start') }} as started_at,
        {{ parse_amount('entries', 0) }} as entry_count,
        {{ parse_amount('passers', 0) }} as passer_count,
        {{ clean_text('passers') }} as landed_passers,
        {{ parse_timestamp('updated_at') }} as updated_at,
        {{ clean_text('updated_at') }} as landed_updated_at,
        {{ bigint_key(['entries', 'passers', 'updated_at']) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'pos'", 'store_code', 'counter_no', 'started_at']) }}
            as count_key,
        {{ local_date('greatest(started_at, updated_at)') }} as due_on,
        case
            when {{ is_totals_row(['store_code', 'counter_no']) }} then 'totals_row'
            when store_code is null or counter_no is null then 'missing_key'
            when
                started_at is null
                or (landed_updated_at is not null and updated_at is null)
                then 'bad_timestamp'
            when
                entry_count is null
                or (landed_passers is not null and passer_count is null)
                then 'bad_amount'
            when least(entry_count, passer_count) < 0 then 'negative_amount'
            when {{ local_date('started_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    count_key,
    'pos' as channel_code,
    'pos_retail' as shop_code,
    store_code,
    counter_no,
    started_at,
    cast(entry_count as bigint) as entry_count,
    cast(passer_count as bigint) as passer_count,
    updated_at,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('count_key', 'updated_at') }}
)
