-- Xiaohongshu order lines, parsed and judged. One row per landed row.

with

orders as (

    select
        record_key as order_key,
        due_on as order_due_on
    from {{ ref('base_xiaohongshu__orders') }}
    where is_current

),

landed as (

    select
        reports.*,
        files.drop_date
    from {{ source('raw_xiaohongshu', 'order_lines') }} as reports
    inner join {{ source('landing', 'files') }} as files
        on reports._file_id = files.file_id

),

parsed as (

    select
        *,
        {{ clean_id('"店铺ID"') }} as shop_code,
        {{ clean_id('订单号') }} as order_id,
        {{ clean_id('子订单号') }} as line_id,
        {{ clean_id('商家编码') }} as item_code_raw,
        {{ parse_amount('数量', 3) }} as quantity,
        {{ parse_amount('商品总价') }} as list_amount,
        {{ parse_amount('商家优惠') }} as shop_discount_amount,
        {{ parse_amount('平台优惠') }} as platform_discount_amount,
        {{ parse_amount('优惠券') }} as coupon_amount,
        {{ parse_amount('商品应付') }} as goods_amount,
        {{ parse_timestamp('更新时间') }} as updated_at
    from landed
    {{ evaluate_once() }}

),

keyed as (

    select
        *,
        {{ bigint_key(["'xiaohongshu'", "'order_line'", 'line_id']) }}
            as order_line_key,
        {{ bigint_key(["'xiaohongshu'", "'order'", 'order_id']) }} as order_key,
        {{ bigint_key([
            '"店铺ID"', '订单号', '商家编码', '商品名称', '数量', '商品总价', '商家优惠',
            '平台优惠', '优惠券', '商品应付', '是否赠品', '运单号', '更新时间',
        ]) }} as row_hash
    from parsed

),

placed as (

    select
        keyed.*,
        orders.order_due_on
    from keyed
    left join orders
        on keyed.order_key = orders.order_key

),

judged as (

    select
        *,
        coalesce(
            greatest(order_due_on, {{ local_date('updated_at') }}), drop_date
        ) as due_on,
        case
            when {{ is_totals_row(['"店铺ID"', '订单号', '子订单号']) }}
                then 'totals_row'
            when shop_code is null or order_id is null or line_id is null
                then 'missing_key'
            when {{ is_scientific('order_id') }} or {{ is_scientific('line_id') }}
                then 'id_in_scientific_notation'
            when {{ clean_text('更新时间') }} is not null and updated_at is null
                then 'bad_timestamp'
            when
                {{ count_texts([
                    '数量', '商品总价', '商家优惠', '平台优惠', '优惠券', '商品应付',
                ]) }}
                > {{ count_values([
                    'quantity', 'list_amount', 'shop_discount_amount',
                    'platform_discount_amount', 'coupon_amount', 'goods_amount',
                ]) }}
                then 'bad_amount'
            when item_code_raw is null or quantity is null or goods_amount is null
                then 'missing_required'
            when least(quantity, list_amount, goods_amount) < 0 then 'negative_amount'
            when order_due_on is null then 'missing_order'
        end as fault
    from placed
    {{ evaluate_once() }}

)

select
    order_line_key,
    order_key,
    'xiaohongshu' as channel_code,
    shop_code,
    order_id,
    line_id,
    item_code_raw,
    cast(null as text) as barcode_raw,
    quantity,
    coalesce(list_amount, goods_amount) as list_amount,
    coalesce(shop_discount_amount, 0) as shop_discount_amount,
    coalesce(platform_discount_amount, 0) as platform_discount_amount,
    coalesce(coupon_amount, 0) as coupon_amount,
    goods_amount,
    coalesce({{ clean_text('是否赠品') }} = '是', false) as is_gift,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('order_line_key', 'updated_at') }}
)
