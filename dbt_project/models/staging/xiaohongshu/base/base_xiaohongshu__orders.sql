-- Xiaohongshu orders, parsed and judged. One row per landed row.

with

landed as (

    select
        reports.*,
        files.drop_date
    from {{ source('raw_xiaohongshu', 'orders') }} as reports
    inner join {{ source('landing', 'files') }} as files
        on reports._file_id = files.file_id

),

parsed as (

    select
        *,
        {{ clean_id('"店铺ID"') }} as shop_code,
        {{ clean_id('订单号') }} as order_id,
        {{ parse_timestamp('下单时间') }} as ordered_at,
        {{ parse_timestamp('定金支付时间') }} as deposit_paid_at,
        {{ parse_timestamp('支付时间') }} as paid_at,
        {{ parse_timestamp('发货时间') }} as shipped_at,
        {{ parse_timestamp('完成时间') }} as completed_at,
        {{ parse_timestamp('更新时间') }} as updated_at,
        {{ parse_amount('商品总价') }} as list_amount,
        {{ parse_amount('商家优惠') }} as shop_discount_amount,
        {{ parse_amount('平台优惠') }} as platform_discount_amount,
        {{ parse_amount('优惠券') }} as coupon_amount,
        {{ parse_amount('薯币抵扣') }} as points_amount,
        {{ parse_amount('运费') }} as freight_amount,
        {{ parse_amount('税费') }} as tax_amount,
        {{ parse_amount('商品应付') }} as goods_amount,
        {{ parse_amount('实付金额') }} as paid_amount,
        {{ parse_amount('已退金额') }} as reported_refunded_amount,
        {{ parse_amount('定金') }} as deposit_amount,
        case coalesce({{ clean_text('订单类型') }}, '普通')
            when '普通' then 'sale'
            when '预售' then 'presale'
            when '换货' then 'exchange'
            when '补发' then 'reshipment'
        end as order_type,
        case {{ clean_text('订单状态') }}
            when '待付款' then 'created'
            when '待付尾款' then 'deposit_paid'
            when '待发货' then 'paid'
            when '已发货' then 'shipped'
            when '已完成' then 'completed'
            when '已关闭' then 'closed'
        end as order_status
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'xiaohongshu'", "'order'", 'order_id']) }} as record_key,
        {{ bigint_key([
            '"店铺ID"', '支付单号', '"用户ID"', '订单类型', '关联订单号', '订单状态', '商品总价', '商家优惠',
            '平台优惠', '优惠券', '薯币抵扣', '运费', '税费', '商品应付', '实付金额', '已退金额', '定金',
            '下单时间', '定金支付时间', '支付时间', '发货时间', '完成时间', '收货人', '收货手机', '省', '市',
            '区', '更新时间',
        ]) }} as row_hash,
        {{ local_date('greatest(ordered_at, updated_at)') }} as due_on,
        case
            when {{ is_totals_row(['"店铺ID"', '订单号']) }} then 'totals_row'
            when shop_code is null or order_id is null then 'missing_key'
            when {{ is_scientific('order_id') }} then 'id_in_scientific_notation'
            when
                ordered_at is null
                or {{ count_texts([
                    '定金支付时间', '支付时间', '发货时间', '完成时间', '更新时间',
                ]) }}
                > {{ count_values([
                    'deposit_paid_at', 'paid_at', 'shipped_at', 'completed_at', 'updated_at',
                ]) }}
                then 'bad_timestamp'
            when
                {{ count_texts([
                    '商品总价', '商家优惠', '平台优惠', '优惠券', '薯币抵扣', '运费', '税费',
                    '商品应付', '实付金额', '已退金额', '定金',
                ]) }}
                > {{ count_values([
                    'list_amount', 'shop_discount_amount', 'platform_discount_amount',
                    'coupon_amount', 'points_amount', 'freight_amount', 'tax_amount',
                    'goods_amount', 'paid_amount', 'reported_refunded_amount',
                    'deposit_amount',
                ]) }}
                then 'bad_amount'
            when num_nulls(goods_amount, "用户ID", 订单状态) > 0 then 'missing_required'
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
    'xiaohongshu' as channel_code,
    shop_code,
    cast(null as text) as store_code,
    cast(null as text) as staff_code,
    order_id,
    {{ clean_id('支付单号') }} as payment_id,
    {{ clean_id('关联订单号') }} as origin_order_id,
    order_type,
    order_status,
    -- Shops try their own pages with orders to a receiver called 测试.
    coalesce(收货人 like '测试%', false) as is_test,
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
    {{ clean_id('"用户ID"') }} as xhs_user_id,
    {{ clean_text('收货人') }} as receiver_name,
    {{ clean_phone('收货手机') }} as receiver_phone,
    {{ clean_text('收货手机') }} as receiver_phone_raw,
    {{ clean_text('省') }} as receiver_province,
    {{ clean_text('市') }} as receiver_city,
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
