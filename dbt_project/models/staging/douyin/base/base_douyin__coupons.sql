-- Douyin coupon flow, parsed and judged. One row per landed row.

with

landed as (

    select
        steps.*,
        files.drop_date
    from {{ source('raw_douyin', 'coupons') }} as steps
    inner join {{ source('landing', 'files') }} as files
        on steps._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('shop_id') }} as shop_code,
        {{ clean_id('coupon_id') }} as coupon_id,
        {{ clean_id('coupon_meta_id') }} as template_code,
        {{ clean_id('doudian_open_id') }} as douyin_open_id,
        case {{ clean_id('action') }}
            when 'RECEIVE' then 'claim'
            when 'USE' then 'use'
            when 'RETURN' then 'return'
            when 'EXPIRE' then 'expire'
        end as action,
        {{ parse_fen('credit') }} as face_amount,
        {{ parse_fen('threshold') }} as threshold_amount,
        {{ parse_date('valid_start') }} as valid_from,
        {{ parse_date('valid_end') }} as valid_to,
        {{ clean_id('order_id') }} as order_id,
        {{ parse_timestamp('action_time') }} as occurred_at,
        action_time as landed_occurred_at,
        {{ count_texts(['credit', 'threshold']) }} as landed_amount_count,
        {{ count_texts(['valid_start', 'valid_end']) }} as landed_date_count,
        {{ bigint_key([
            'shop_id', 'coupon_meta_id', 'doudian_open_id', 'credit', 'threshold',
            'valid_start', 'valid_end', 'order_id',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key([
            "'douyin'", "'coupon_step'", 'coupon_id', 'action', 'landed_occurred_at',
        ]) }} as coupon_event_key,
        {{ local_date('occurred_at') }} as due_on,
        case
            when shop_code is null or coupon_id is null or douyin_open_id is null
                then 'missing_key'
            when {{ is_scientific('coupon_id') }} then 'id_in_scientific_notation'
            when
                occurred_at is null
                or landed_date_count > {{ count_values(['valid_from', 'valid_to']) }}
                then 'bad_timestamp'
            when
                landed_amount_count
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
    {{ bigint_key(["'douyin'", "'coupon'", 'coupon_id']) }} as record_key,
    'douyin' as channel_code,
    shop_code,
    coupon_id,
    template_code,
    cast(null as text) as campaign_code,
    douyin_open_id,
    action,
    face_amount,
    threshold_amount,
    valid_from,
    valid_to,
    order_id,
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
