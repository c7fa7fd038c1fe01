-- Youzan points changes, parsed and judged. One row per landed row.

with

landed as (

    select
        entries.*,
        files.drop_date
    from {{ source('raw_youzan', 'points') }} as entries
    inner join {{ source('landing', 'files') }} as files
        on entries._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('kdt_id') }} as shop_code,
        {{ clean_id('point_id') }} as points_id,
        {{ clean_id('yz_open_id') }} as yz_open_id,
        lower({{ clean_id('change_type') }}) as entry_type,
        {{ parse_amount('amount', 0) }} as points,
        {{ clean_id('biz_value') }} as order_id,
        {{ parse_date('expires_on') }} as expires_on,
        {{ parse_timestamp('created_at') }} as occurred_at,
        {{ clean_text('expires_on') }} as landed_expires_on,
        {{ bigint_key([
            'kdt_id', 'yz_open_id', 'change_type', 'amount', 'biz_value', 'expires_on',
            'created_at',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'youzan'", "'points'", 'points_id']) }} as record_key,
        {{ local_date('occurred_at') }} as due_on,
        case
            when shop_code is null or points_id is null or yz_open_id is null
                then 'missing_key'
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
    'youzan' as channel_code,
    shop_code,
    points_id,
    yz_open_id,
    entry_type,
    cast(points as bigint) as points,
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
