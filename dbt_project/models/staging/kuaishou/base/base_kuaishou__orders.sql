-- Kuaishou orders, parsed and judged. One row per landed row; lines are exploded apart.

with

parsed as (

    select
        *,
        {{ clean_id('shop_id') }} as shop_code,
        {{ clean_id('oid') }} as order_id,
        {{ parse_timestamp('create_time') }} as ordered_at,
        {{ parse_timestamp('deposit_time') }} as deposit_paid_at,
        {{ parse_timestamp('pay_time') }} as paid_at,
        {{ parse_timestamp('send_time') }} as shipped_at,
        {{ parse_timestamp('finish_time') }} as completed_at,
        {{ parse_timestamp('update_time') }} as updated_at,
        {{ parse_fen('total_fee') }} as list_amount,
        {{ parse_fen('shop_discount') }} as shop_discount_amount,
        {{ parse_fen('platform_discount') }} as platform_discount_amount,
        {{ parse_fen('coupon_fee') }} as coupon_amount,
        {{ parse_fen('points_fee') }} as points_amount,
        {{ parse_fen('express_fee') }} as freight_amount,
        {{ parse_fen('tax_fee') }} as tax_amount,
        {{ parse_fen('goods_fee') }} as goods_amount,
        {{ parse_fen('pay_fee') }} as paid_amount,
        {{ parse_fen('refund_fee') }} as reported_refunded_amount,
        {{ parse_fen('deposit_fee') }} as deposit_amount,
        case coalesce({{ clean_id('order_type') }}, '1')
            when '1' then 'sale'
            when '2' then 'presale'
            when '3' then 'exchange'
            when '4' then 'reshipment'
        end as order_type_code,
        case {{ clean_id('status') }}
            when '10' then 'created'
            when '20' then 'deposit_paid'
            when '30' then 'paid'
            when '40' then 'shipped'
            when '70' then 'completed'
            when '80' then 'closed'
        end as order_status
    from {{ ref('base_kuaishou__order_fields') }}
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'kuaishou'", "'order'", 'order_id']) }} as record_key,
        {{ local_date('greatest(ordered_at, updated_at)') }} as due_on,
        case
            when shop_code is null or order_id is null then 'missing_key'
            when {{ is_scientific('order_id') }} then 'id_in_scientific_notation'
            when
                ordered_at is null
                or {{ count_texts([
                    'deposit_time', 'pay_time', 'send_time', 'finish_time',
                    'update_time',
                ]) }}
                > {{ count_values([
                    'deposit_paid_at', 'paid_at', 'shipped_at', 'completed_at',
                    'updated_at',
                ]) }}
                then 'bad_timestamp'
            when
                {{ count_texts([
                    'total_fee', 'shop_discount', 'platform_discount', 'coupon_fee',
                    'points_fee', 'express_fee', 'tax_fee', 'goods_fee', 'pay_fee',
                    'refund_fee', 'deposit_fee',
                ]) }}
                > {{ count_values([
                    'list_amount', 'shop_discount_amount', 'platform_discount_amount',
                    'coupon_amount', 'points_amount', 'freight_amount', 'tax_amount',
                    'goods_amount', 'paid_amount', 'reported_refunded_amount',
                    'deposit_amount',
                ]) }}
                then 'bad_amount'
            when
                goods_amount is null
                or {{ clean_id('buyer_open_id') }} is null
                or {{ clean_id('status') }} is null
                then 'missing_required'
            when least(list_amount, goods_amount, paid_amount) < 0
                then 'negative_amount'
            when order_type_code is null or order_status is null then 'unknown_enum'
            when {{ local_date('ordered_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'kuaishou' as channel_code,
    shop_code,
    cast(null as text) as store_code,
    cast(null as text) as staff_code,
    order_id,
    {{ clean_id('pay_no') }} as payment_id,
    {{ clean_id('origin_oid') }} as origin_order_id,
    order_type_code as order_type,
    order_status,
    -- Shops try their own pages with orders to a receiver called 测试.
    coalesce(receiver_name like '测试%', false) as is_test,
    coalesce(list_amount, goods_amount) as list_amount,
    coalesce(shop_discount_amount, 0) as shop_discount_amount,
    coalesce(platform_discount_amount, 0) as platform_discount_amount,
    coalesce(coupon_amount, 0) as coupon_amount,
    coalesce(points_amount, 0) as points_amount,
    coalesce(freight_amount, 0) as freight_amount,
    coalesce(tax_amount, 0) as tax_amount,
    goods_amount,
    coalesce(paid_amount, 0) as paid_amount,
    coalesce(deposit_amount, 0) as deposit_amount,
    coalesce(reported_refunded_amount, 0) as reported_refunded_amount,
    ordered_at,
    deposit_paid_at,
    paid_at,
    completed_at,
    {{ clean_id('buyer_open_id') }} as kuaishou_open_id,
    {{ clean_text('receiver_name') }} as receiver_name,
    {{ clean_phone('receiver_mobile') }} as receiver_phone,
    {{ clean_text('receiver_mobile') }} as receiver_phone_raw,
    {{ clean_text('province') }} as receiver_province,
    {{ clean_text('city') }} as receiver_city,
    updated_at,
    ordered_at as observed_at,
    due_on,
    fault is null and row_number() over versions = 1 as is_current,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('record_key', 'updated_at') }}
)
