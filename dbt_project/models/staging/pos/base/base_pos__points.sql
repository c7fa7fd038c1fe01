-- Points flow of the store programme, parsed and judged. One row per landed row.

with

landed as (

    select
        entries.*,
        files.drop_date
    from {{ source('raw_pos', 'points') }} as entries
    inner join {{ source('landing', 'files') }} as files
        on entries._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('txn_no') }} as points_id,
        {{ clean_id('member_no') }} as pos_member_no,
        lower({{ clean_id('txn_type') }}) as entry_type,
        {{ parse_amount('points', 0) }} as points,
        {{ clean_id('store_code') }} as store_code,
        {{ clean_id('receipt_no') }} as receipt_no,
        {{ parse_date('expires_on') }} as expires_on,
        {{ parse_timestamp('occurred_at') }} as occurred_at,
        {{ clean_text('expires_on') }} as landed_expires_on,
        {{ bigint_key([
            'member_no', 'txn_type', 'points', 'store_code', 'receipt_no', 'expires_on',
            'occurred_at',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'pos'", "'points'", 'points_id']) }} as record_key,
        {{ local_date('occurred_at') }} as due_on,
        case
            when {{ is_totals_row(['points_id', 'pos_member_no']) }} then 'totals_row'
            when points_id is null or pos_member_no is null then 'missing_key'
            when {{ is_scientific('points_id') }} then 'id_in_scientific_notation'
            when
                occurred_at is null
                or (landed_expires_on is not null and expires_on is null)
                then 'bad_timestamp'
            when points is null then 'bad_amount'
            when coalesce(entry_type, '') not in ('earn', 'redeem', 'expire', 'return')
                then 'unknown_enum'
            when {{ local_date('occurred_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'pos' as channel_code,
    'pos_retail' as shop_code,
    points_id,
    pos_member_no,
    entry_type,
    cast(points as bigint) as points,
    store_code || '-' || receipt_no as order_id,
    expires_on,
    occurred_at,
    occurred_at as observed_at,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('record_key') }}
)
