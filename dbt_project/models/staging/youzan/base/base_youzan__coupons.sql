-- Youzan coupon flow, parsed and judged. One row per landed row.

with

landed as (

    select
        steps.*,
        files.drop_date
    from {{ source('raw_youzan', 'coupons') }} as steps
    inner join {{ source('landing', 'files') }} as files
        on steps._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('kdt_id') }} as shop_code,
        {{ clean_id('user_coupon_id') }} as coupon_id,
        {{ clean_id('activity_id') }} as template_code,
        {{ clean_id('yz_open_id') }} as yz_open_id,
        case {{ clean_id('event') }}
            when 'TAKE' then 'claim'
            when 'USE' then 'use'
            when 'RETURN' then 'return'
            when 'EXPIRE' then 'expire'
        end as action,
        {{ parse_amount('value_fen', 0) }} as face_fen,
        {{ parse_amount('condition_fen', 0) }} as threshold_fen,
        {{ parse_date('valid_start_on') }} as valid_from,
        {{ parse_date('valid_end_on') }} as valid_to,
        {{ clean_id('tid') }} as order_id,
        {{ parse_timestamp('occurred_at') }} as occurred_at,
        occurred_at as landed_occurred_at,
        {{ count_texts(['value_fen', 'condition_fen']) }} as landed_amount_count,
        {{ count_texts(['valid_start_on', 'valid_end_on']) }} as landed_date_count,
        {{ bigint_key([
            'kdt_id', 'activity_id', 'yz_open_id', 'value_fen', 'condition_fen',
            'valid_start_on', 'valid_end_on', 'tid',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key([
            "'youzan'", "'coupon_step'", 'coupon_id', 'action', 'landed_occurred_at',
        ]) }} as coupon_event_key,
        {{ local_date('occurred_at') }} as due_on,
        case
            when shop_code is null or coupon_id is null or yz_open_id is null
                then 'missing_key'
            when {{ is_scientific('coupon_id') }} then 'id_in_scientific_notation'
            when
                occurred_at is null
                or landed_date_count > {{ count_values(['valid_from', 'valid_to']) }}
                then 'bad_timestamp'
            when landed_amount_count > {{ count_values(['face_fen', 'threshold_fen']) }}
                then 'bad_amount'
            when least(face_fen, threshold_fen) < 0 then 'negative_amount'
            when action is null then 'unknown_enum'
            when {{ local_date('occurred_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    coupon_event_key,
    {{ bigint_key(["'youzan'", "'coupon'", 'coupon_id']) }} as record_key,
    'youzan' as channel_code,
    shop_code,
    coupon_id,
    template_code,
    cast(null as text) as campaign_code,
    yz_open_id,
    action,
    cast(face_fen / 100 as numeric(18, 2)) as face_amount,
    cast(threshold_fen / 100 as numeric(18, 2)) as threshold_amount,
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
