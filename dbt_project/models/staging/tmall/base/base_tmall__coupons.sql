-- Tmall coupon flow, parsed and judged. One row per landed row.

with

landed as (

    select
        steps.*,
        files.drop_date
    from {{ source('raw_tmall', 'coupons') }} as steps
    inner join {{ source('landing', 'files') }} as files
        on steps._file_id = files.file_id

),

parsed as (

    select
        *,
        {{ clean_id('"店铺ID"') }} as shop_code,
        {{ clean_id('"优惠券ID"') }} as coupon_id,
        {{ clean_id('"买家OUID"') }} as tmall_ouid,
        {{ parse_amount('面额') }} as face_amount,
        {{ parse_amount('门槛') }} as threshold_amount,
        {{ parse_date('生效日期') }} as valid_from,
        {{ parse_date('失效日期') }} as valid_to,
        {{ parse_timestamp('发生时间') }} as occurred_at,
        case {{ clean_text('动作') }}
            when '领取' then 'claim'
            when '使用' then 'use'
            when '退回' then 'return'
            when '过期' then 'expire'
        end as action
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key([
            "'tmall'", "'coupon_step'", 'coupon_id', 'action', '发生时间',
        ]) }} as coupon_event_key,
        {{ bigint_key([
            '"店铺ID"', '"模板ID"', '"买家OUID"', '面额', '门槛', '生效日期', '失效日期',
            '订单编号',
        ]) }} as row_hash,
        {{ local_date('occurred_at') }} as due_on,
        case
            when {{ is_totals_row(['"店铺ID"', '"优惠券ID"']) }} then 'totals_row'
            when shop_code is null or coupon_id is null or tmall_ouid is null
                then 'missing_key'
            when {{ is_scientific('coupon_id') }} then 'id_in_scientific_notation'
            when
                occurred_at is null
                or {{ count_texts(['生效日期', '失效日期']) }}
                > {{ count_values(['valid_from', 'valid_to']) }}
                then 'bad_timestamp'
            when
                {{ count_texts(['面额', '门槛']) }}
                > {{ count_values(['face_amount', 'threshold_amount']) }}
                then 'bad_amount'
            when least(face_amount, threshold_amount) < 0 then 'negative_amount'
            when action is null then 'unknown_enum'
            when {{ local_date('occurred_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    coupon_event_key,
    {{ bigint_key(["'tmall'", "'coupon'", 'coupon_id']) }} as record_key,
    'tmall' as channel_code,
    shop_code,
    coupon_id,
    {{ clean_id('"模板ID"') }} as template_code,
    cast(null as text) as campaign_code,
    tmall_ouid,
    action,
    face_amount,
    threshold_amount,
    valid_from,
    valid_to,
    {{ clean_id('订单编号') }} as order_id,
    occurred_at,
    occurred_at as observed_at,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('coupon_event_key') }}
)
