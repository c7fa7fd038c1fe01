-- Douyin orders, parsed and judged. One row per landed row; lines are exploded apart.

with

landed as (

    select
        answers.*,
        files.drop_date
    from {{ source('raw_douyin', 'orders') }} as answers
    inner join {{ source('landing', 'files') }} as files
        on answers._file_id = files.file_id

),

parsed as (

    select
        *,
        {{ clean_id('shop_id') }} as shop_code,
        {{ clean_id('order_id') }} as clean_order_id,
        {{ clean_id('doudian_open_id') }} as douyin_open_id,
        {{ parse_timestamp('create_time') }} as ordered_at,
        {{ parse_timestamp('deposit_time') }} as deposit_paid_at,
        {{ parse_timestamp('pay_time') }} as paid_at,
        {{ parse_timestamp('ship_time') }} as shipped_at,
        {{ parse_timestamp('finish_time') }} as completed_at,
        {{ parse_timestamp('update_time') }} as updated_at,
        {{ parse_fen('sum_amount') }} as list_yuan,
        {{ parse_fen('promotion_shop_amount') }} as shop_discount_yuan,
        {{ parse_fen('promotion_platform_amount') }} as platform_discount_yuan,
        {{ parse_fen('coupon_amount') }} as coupon_yuan,
        {{ parse_fen('integral_amount') }} as points_yuan,
        {{ parse_fen('post_amount') }} as freight_yuan,
        {{ parse_fen('tax_amount') }} as tax_yuan,
        {{ parse_fen('goods_amount') }} as goods_yuan,
        {{ parse_fen('pay_amount') }} as paid_yuan,
        {{ parse_fen('refunded_amount') }} as refunded_yuan,
        {{ parse_fen('deposit_amount') }} as deposit_yuan,
        case coalesce({{ clean_id('trade_type') }}, '0')
            when '0' then 'sale'
            when '2' then 'presale'
            when '3' then 'exchange'
            when '4' then 'reshipment'
        end as order_type,
        case {{ clean_id('order_status') }}
            when '1' then 'created'
            when '103' then 'deposit_paid'
            when '2' then 'paid'
            when '3' then 'shipped'
            when '5' then 'completed'
            when '4' then 'closed'
        end as status
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'douyin'", "'order'", 'clean_order_id']) }} as record_key,
        {{ bigint_key([
            'shop_id', 'channel_payment_no', 'doudian_open_id', 'trade_type', 'origin_order_id', 'order_status',
            'sum_amount', 'promotion_shop_amount', 'promotion_platform_amount', 'coupon_amount', 'goods_amount',
            'integral_amount', 'post_amount', 'tax_amount', 'pay_amount', 'refunded_amount', 'deposit_amount',
            'create_time', 'deposit_time', 'pay_time', 'ship_time', 'finish_time', 'post_receiver', 'post_tel',
            'province', 'city', 'town', 'update_time', 'sku_order_list',
        ]) }} as row_hash,
        {{ local_date('greatest(ordered_at, updated_at)') }} as due_on,
        case
            when num_nulls(shop_code, clean_order_id) > 0 then 'missing_key'
            when {{ is_scientific('clean_order_id') }} then 'id_in_scientific_notation'
            when
                ordered_at is null
                or {{ count_texts([
                    'deposit_time', 'pay_time', 'ship_time', 'finish_time', 'update_time',
                ]) }}
                > {{ count_values([
                    'deposit_paid_at', 'paid_at', 'shipped_at', 'completed_at', 'updated_at',
                ]) }}
                then 'bad_timestamp'
            when
                {{ count_texts([
                    'sum_amount', 'promotion_shop_amount', 'promotion_platform_amount', 'coupon_amount',
                    'integral_amount', 'post_amount', 'tax_amount', 'goods_amount', 'pay_amount',
                    'refunded_amount', 'deposit_amount',
                ]) }}
                > {{ count_values([
                    'list_yuan', 'shop_discount_yuan', 'platform_discount_yuan', 'coupon_yuan', 'points_yuan',
                    'freight_yuan', 'tax_yuan', 'goods_yuan', 'paid_yuan', 'refunded_yuan', 'deposit_yuan',
                ]) }}
                then 'bad_amount'
            when num_nulls(goods_yuan, douyin_open_id, order_status) > 0
                then 'missing_required'
            when least(list_yuan, goods_yuan, paid_yuan) < 0 then 'negative_amount'
            when num_nulls(order_type, status) > 0 then 'unknown_enum'
            when {{ local_date('ordered_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'douyin' as channel_code,
    shop_code,
    cast(null as text) as store_code,
    cast(null as text) as staff_code,
    clean_order_id as order_id,
    {{ clean_id('channel_payment_no') }} as payment_id,
    {{ clean_id('origin_order_id') }} as origin_order_id,
    order_type,
    status as order_status,
    -- Shops try their own pages with orders to a receiver called 测试.
    coalesce(post_receiver like '测试%', false) as is_test,
    coalesce(list_yuan, goods_yuan) as list_amount,
    coalesce(shop_discount_yuan, 0) as shop_discount_amount,
    coalesce(platform_discount_yuan, 0) as platform_discount_amount,
    coalesce(coupon_yuan, 0) as coupon_amount,
    coalesce(points_yuan, 0) as points_amount,
    coalesce(freight_yuan, 0) as freight_amount,
    coalesce(tax_yuan, 0) as tax_amount,
    goods_yuan as goods_amount,
    coalesce(paid_yuan, 0) as paid_amount,
    coalesce(deposit_yuan, 0) as deposit_amount,
    coalesce(refunded_yuan, 0) as reported_refunded_amount,
    ordered_at,
    deposit_paid_at,
    paid_at,
    completed_at,
    douyin_open_id,
    {{ clean_text('post_receiver') }} as receiver_name,
    {{ clean_phone('post_tel') }} as receiver_phone,
    {{ clean_text('post_tel') }} as receiver_phone_raw,
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
