-- Youzan trades, parsed and judged. One row per landed row; lines are exploded apart.

with

parsed as (

    select
        *,
        {{ clean_id('kdt_id') }} as shop_code,
        {{ clean_id('tid') }} as order_id,
        {{ parse_timestamp('created') }} as ordered_at,
        {{ parse_timestamp('deposit_time') }} as deposit_paid_at,
        {{ parse_timestamp('pay_time') }} as paid_at,
        {{ parse_timestamp('consign_time') }} as shipped_at,
        {{ parse_timestamp('success_time') }} as completed_at,
        {{ parse_timestamp('update_time') }} as updated_at,
        {{ parse_amount('total_fee') }} as list_amount,
        {{ parse_amount('shop_discount') }} as shop_discount_amount,
        {{ parse_amount('platform_discount') }} as platform_discount_amount,
        {{ parse_amount('coupon_fee') }} as coupon_amount,
        {{ parse_amount('points_fee') }} as points_amount,
        {{ parse_amount('post_fee') }} as freight_amount,
        {{ parse_amount('tax_fee') }} as tax_amount,
        {{ parse_amount('goods_fee') }} as goods_amount,
        {{ parse_amount('payment') }} as paid_amount,
        {{ parse_amount('refunded_fee') }} as reported_refunded_amount,
        {{ parse_amount('deposit') }} as deposit_amount,
        case coalesce({{ clean_id('type') }}, 'NORMAL')
            when 'NORMAL' then 'sale'
            when 'PRESALE' then 'presale'
            when 'EXCHANGE' then 'exchange'
            when 'RESHIP' then 'reshipment'
        end as order_type,
        case {{ clean_id('status') }}
            when 'WAIT_BUYER_PAY' then 'created'
            when 'WAIT_PAY_BALANCE' then 'deposit_paid'
            when 'WAIT_SELLER_SEND_GOODS' then 'paid'
            when 'WAIT_BUYER_CONFIRM_GOODS' then 'shipped'
            when 'TRADE_SUCCESS' then 'completed'
            when 'TRADE_CLOSED' then 'closed'
        end as order_status
    from {{ ref('base_youzan__trade_fields') }}
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'youzan'", "'order'", 'order_id']) }} as record_key,
        {{ local_date('greatest(ordered_at, updated_at)') }} as due_on,
        case
            when shop_code is null or order_id is null then 'missing_key'
            when {{ is_scientific('order_id') }} then 'id_in_scientific_notation'
            when
                ordered_at is null
                or {{ count_texts([
                    'deposit_time', 'pay_time', 'consign_time', 'success_time',
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
                    'points_fee', 'post_fee', 'tax_fee', 'goods_fee', 'payment',
                    'refunded_fee', 'deposit',
                ]) }}
                > {{ count_values([
                    'list_amount', 'shop_discount_amount', 'platform_discount_amount',
                    'coupon_amount', 'points_amount', 'freight_amount', 'tax_amount',
                    'goods_amount', 'paid_amount', 'reported_refunded_amount',
                    'deposit_amount',
                ]) }}
                then 'bad_amount'
            when goods_amount is null or {{ clean_id('status') }} is null
                then 'missing_required'
            when least(list_amount, goods_amount, paid_amount) < 0
                then 'negative_amount'
            when order_type is null or order_status is null then 'unknown_enum'
            when {{ local_date('ordered_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'youzan' as channel_code,
    shop_code,
    cast(null as text) as store_code,
    cast(null as text) as staff_code,
    order_id,
    {{ clean_id('pay_no') }} as payment_id,
    {{ clean_id('origin_tid') }} as origin_order_id,
    order_type,
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
    {{ clean_id('yz_open_id') }} as yz_open_id,
    {{ clean_phone('buyer_phone') }} as account_phone,
    {{ clean_text('buyer_phone') }} as account_phone_raw,
    {{ clean_id('weixin_openid') }} as wechat_openid,
    {{ clean_id('weixin_unionid') }} as wechat_unionid,
    {{ clean_text('receiver_name') }} as receiver_name,
    {{ clean_phone('receiver_tel') }} as receiver_phone,
    {{ clean_text('receiver_tel') }} as receiver_phone_raw,
    {{ clean_text('delivery_province') }} as receiver_province,
    {{ clean_text('delivery_city') }} as receiver_city,
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
