-- Douyin points flow, parsed and judged. One row per landed row.

with

landed as (

    select
        entries.*,
        files.drop_date
    from {{ source('raw_douyin', 'points') }} as entries
    inner join {{ source('landing', 'files') }} as files
        on entries._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('shop_id') }} as shop_code,
        {{ clean_id('flow_id') }} as points_id,
        {{ clean_id('doudian_open_id') }} as douyin_open_id,
        case {{ clean_id('change_type') }}
            when 'GAIN' then 'earn'
            when 'CONSUME' then 'redeem'
            when 'EXPIRE' then 'expire'
            when 'REFUND' then 'return'
        end as entry_type,
        {{ parse_amount('points', 0) }} as points_changed,
        {{ clean_id('order_id') }} as order_id,
        {{ parse_date('expire_date') }} as expires_on,
        {{ parse_timestamp('create_time') }} as occurred_at,
        {{ clean_text('expire_date') }} as landed_expires_on,
        {{ bigint_key([
            'shop_id', 'doudian_open_id', 'change_type', 'points', 'order_id',
            'expire_date', 'create_time',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'douyin'", "'points'", 'points_id']) }} as record_key,
        {{ local_date('occurred_at') }} as due_on,
        case
            when shop_code is null or points_id is null or douyin_open_id is null
                then 'missing_key'
            when {{ is_scientific('points_id') }} then 'id_in_scientific_notation'
            when
                occurred_at is null
                or (landed_expires_on is not null and expires_on is null)
                then 'bad_timestamp'
            when points_changed is null then 'bad_amount'
            when entry_type is null then 'unknown_enum'
            when {{ local_date('occurred_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'douyin' as channel_code,
    shop_code,
    points_id,
    douyin_open_id,
    entry_type,
    cast(points_changed as bigint) as points,
    order_id,
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
