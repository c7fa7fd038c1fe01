-- Coupon flow of the stores, parsed and judged. One row per landed row.

with

landed as (

    select
        steps.*,
        files.drop_date
    from {{ source('raw_pos', 'coupons') }} as steps
    inner join {{ source('landing', 'files') }} as files
        on steps._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('coupon_no') }} as coupon_id,
        {{ clean_id('template_code') }} as template_code,
        {{ clean_id('campaign_code') }} as campaign_code,
        {{ clean_id('member_no') }} as pos_member_no,
        lower({{ clean_id('action') }}) as action,
        {{ parse_amount('face_amount') }} as face_amount,
        {{ parse_amount('threshold_amount') }} as threshold_amount,
        {{ parse_date('valid_from') }} as valid_from,
        {{ parse_date('valid_to') }} as valid_to,
        {{ clean_id('receipt_no') }} as receipt_no,
        {{ clean_id('store_code') }} as store_code,
        {{ parse_timestamp('occurred_at') }} as occurred_at,
        occurred_at as landed_occurred_at,
        {{ count_texts(['face_amount', 'threshold_amount']) }} as landed_amount_count,
        {{ count_texts(['valid_from', 'valid_to']) }} as landed_date_count,
        {{ bigint_key([
            'template_code', 'campaign_code', 'member_no', 'face_amount',
            'threshold_amount', 'valid_from', 'valid_to', 'receipt_no', 'store_code',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key([
            "'pos'", "'coupon_step'", 'coupon_id', 'action', 'landed_occurred_at',
        ]) }} as coupon_event_key,
        {{ local_date('occurred_at') }} as due_on,
        case
            when {{ is_totals_row(['coupon_id', 'template_code']) }} then 'totals_row'
            when coupon_id is null or pos_member_no is null then 'missing_key'
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
            when
                coalesce(action, '')
                not in ('issue', 'claim', 'use', 'return', 'expire')
                then 'unknown_enum'
            when {{ local_date('occurred_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    coupon_event_key,
    {{ bigint_key(["'pos'", "'coupon'", 'coupon_id']) }} as record_key,
    'pos' as channel_code,
    'pos_retail' as shop_code,
    coupon_id,
    template_code,
    campaign_code,
    pos_member_no,
    action,
    face_amount,
    threshold_amount,
    valid_from,
    valid_to,
    store_code || '-' || receipt_no as order_id,
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
