-- Till receipts, parsed and judged. One row per landed row.

with

landed as (

    select
        receipts.*,
        files.drop_date
    from {{ source('raw_pos', 'receipts') }} as receipts
    inner join {{ source('landing', 'files') }} as files
        on receipts._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('store_code') }} as store_code,
        {{ clean_id('receipt_no') }} as receipt_no,
        {{ clean_id('origin_receipt_no') }} as origin_receipt_no,
        upper({{ clean_id('receipt_type') }}) as receipt_type,
        {{ clean_id('member_no') }} as pos_member_no,
        {{ clean_phone('phone') }} as account_phone,
        {{ clean_text('phone') }} as account_phone_raw,
        {{ clean_id('staff_code') }} as staff_code,
        {{ parse_amount('list_amount') }} as list_amount,
        {{ parse_amount('shop_discount_amount') }} as shop_discount_amount,
        {{ parse_amount('platform_discount_amount') }} as platform_discount_amount,
        {{ parse_amount('coupon_amount') }} as coupon_amount,
        {{ parse_amount('points_amount') }} as points_amount,
        {{ parse_amount('tax_amount') }} as tax_amount,
        {{ parse_amount('goods_amount') }} as goods_amount,
        {{ parse_amount('paid_amount') }} as paid_amount,
        {{ parse_amount('refunded_amount') }} as reported_refunded_amount,
        {{ parse_timestamp('sold_at') }} as sold_at,
        {{ parse_timestamp('updated_at') }} as updated_at,
        {{ clean_text('updated_at') }} as landed_updated_at,
        {{ count_texts([
            'list_amount', 'shop_discount_amount', 'platform_discount_amount',
            'coupon_amount', 'points_amount', 'tax_amount', 'goods_amount',
            'paid_amount', 'refunded_amount',
        ]) }} as landed_amount_count,
        {{ bigint_key([
            'receipt_type', 'origin_receipt_no', 'member_no', 'phone', 'staff_code',
            'list_amount', 'shop_discount_amount', 'platform_discount_amount',
            'coupon_amount', 'points_amount', 'tax_amount', 'goods_amount',
            'paid_amount', 'refunded_amount', 'sold_at', 'updated_at',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        store_code || '-' || receipt_no as order_id,
        {{ bigint_key(["'pos'", "'order'", "store_code || '-' || receipt_no"]) }}
            as record_key,
        {{ local_date('greatest(sold_at, updated_at)') }} as due_on,
        case
            when {{ is_totals_row(['store_code', 'receipt_no']) }} then 'totals_row'
            when store_code is null or receipt_no is null then 'missing_key'
            when {{ is_scientific('receipt_no') }} then 'id_in_scientific_notation'
            when
                sold_at is null
                or (landed_updated_at is not null and updated_at is null)
                then 'bad_timestamp'
            when
                landed_amount_count
                > {{ count_values([
                    'list_amount', 'shop_discount_amount', 'platform_discount_amount',
                    'coupon_amount', 'points_amount', 'tax_amount', 'goods_amount',
                    'paid_amount', 'reported_refunded_amount',
                ]) }}
                then 'bad_amount'
            when goods_amount is null or receipt_type is null then 'missing_required'
            when least(list_amount, goods_amount, paid_amount) < 0
                then 'negative_amount'
            when receipt_type not in ('SALE', 'EXCHANGE', 'RESHIP', 'TRAINING')
                then 'unknown_enum'
            when {{ local_date('sold_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'pos' as channel_code,
    'pos_retail' as shop_code,
    store_code,
    order_id,
    cast(null as text) as payment_id,
    store_code || '-' || origin_receipt_no as origin_order_id,
    case receipt_type
        when 'EXCHANGE' then 'exchange'
        when 'RESHIP' then 'reshipment'
        else 'sale'
    end as order_type,
    'completed' as order_status,
    receipt_type = 'TRAINING' as is_test,
    staff_code,
    coalesce(list_amount, goods_amount) as list_amount,
    coalesce(shop_discount_amount, 0) as shop_discount_amount,
    coalesce(platform_discount_amount, 0) as platform_discount_amount,
    coalesce(coupon_amount, 0) as coupon_amount,
    coalesce(points_amount, 0) as points_amount,
    cast(0 as numeric(18, 2)) as freight_amount,
    coalesce(tax_amount, 0) as tax_amount,
    goods_amount,
    coalesce(paid_amount, 0) as paid_amount,
    cast(0 as numeric(18, 2)) as deposit_amount,
    coalesce(reported_refunded_amount, 0) as reported_refunded_amount,
    sold_at as ordered_at,
    cast(null as timestamptz) as deposit_paid_at,
    sold_at as paid_at,
    sold_at as completed_at,
    pos_member_no,
    account_phone,
    account_phone_raw,
    updated_at,
    sold_at as observed_at,
    due_on,
    fault is null and row_number() over versions = 1 as is_current,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('record_key', 'updated_at') }}
)
