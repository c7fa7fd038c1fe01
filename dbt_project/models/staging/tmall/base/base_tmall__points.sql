-- Tmall points flow, parsed and judged. One row per landed row.

with

landed as (

    select
        entries.*,
        files.drop_date
    from {{ source('raw_tmall', 'points') }} as entries
    inner join {{ source('landing', 'files') }} as files
        on entries._file_id = files.file_id

),

parsed as (

    select
        *,
        {{ clean_id('"店铺ID"') }} as shop_code,
        {{ clean_id('流水号') }} as points_id,
        {{ clean_id('"会员OUID"') }} as tmall_ouid,
        {{ parse_amount('积分', 0) }} as points,
        {{ parse_timestamp('发生时间') }} as occurred_at,
        {{ parse_date('过期日期') }} as expires_on,
        case {{ clean_text('类型') }}
            when '获得' then 'earn'
            when '消费' then 'redeem'
            when '过期' then 'expire'
            when '退回' then 'return'
        end as entry_type
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'tmall'", "'points'", 'points_id']) }} as record_key,
        {{ bigint_key([
            '"店铺ID"', '"会员OUID"', '类型', '积分', '订单编号', '过期日期', '发生时间',
        ]) }} as row_hash,
        {{ local_date('occurred_at') }} as due_on,
        case
            when {{ is_totals_row(['"店铺ID"', '流水号']) }} then 'totals_row'
            when shop_code is null or points_id is null or tmall_ouid is null
                then 'missing_key'
            when {{ is_scientific('points_id') }} then 'id_in_scientific_notation'
            when
                occurred_at is null
                or ({{ clean_text('过期日期') }} is not null and expires_on is null)
                then 'bad_timestamp'
            when points is null then 'bad_amount'
            when entry_type is null then 'unknown_enum'
            when {{ local_date('occurred_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'tmall' as channel_code,
    shop_code,
    points_id,
    tmall_ouid,
    entry_type,
    cast(points as bigint) as points,
    {{ clean_id('订单编号') }} as order_id,
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
