-- Receipt lines, parsed and judged. One row per landed row.

with

orders as (

    select
        record_key as order_key,
        due_on as order_due_on
    from {{ ref('base_pos__orders') }}
    where is_current

),

landed as (

    select
        receipt_lines.*,
        files.drop_date
    from {{ source('raw_pos', 'receipt_lines') }} as receipt_lines
    inner join {{ source('landing', 'files') }} as files
        on receipt_lines._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('store_code') }} as store_code,
        {{ clean_id('receipt_no') }} as receipt_no,
        {{ clean_id('line_no') }} as line_no,
        {{ clean_id('item_code') }} as item_code_raw,
        {{ clean_id('barcode') }} as barcode_raw,
        {{ parse_amount('quantity', 3) }} as quantity,
        {{ parse_amount('list_amount') }} as list_amount,
        {{ parse_amount('shop_discount_amount') }} as shop_discount_amount,
        {{ parse_amount('platform_discount_amount') }} as platform_discount_amount,
        {{ parse_amount('coupon_amount') }} as coupon_amount,
        {{ parse_amount('goods_amount') }} as goods_amount,
        coalesce({{ clean_id('is_gift') }} = 'Y', false) as is_gift,
        {{ count_texts([
            'quantity', 'list_amount', 'shop_discount_amount',
            'platform_discount_amount', 'coupon_amount', 'goods_amount',
        ]) }} as landed_amount_count,
        {{ bigint_key([
            'item_code', 'barcode', 'quantity', 'list_amount', 'shop_discount_amount',
            'platform_discount_amount', 'coupon_amount', 'goods_amount', 'is_gift',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

keyed as (

    select
        *,
        store_code || '-' || receipt_no as order_id,
        store_code || '-' || receipt_no || '-' || line_no as line_id,
        {{ bigint_key(["'pos'", "'order'", "store_code || '-' || receipt_no"]) }}
            as order_key,
        {{ bigint_key([
            "'pos'", "'order_line'",
            "store_code || '-' || receipt_no || '-' || line_no",
        ]) }} as order_line_key
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
        coalesce(order_due_on, drop_date) as due_on,
        case
            when {{ is_totals_row(['store_code', 'receipt_no']) }} then 'totals_row'
            when line_id is null then 'missing_key'
            when {{ is_scientific('receipt_no') }} then 'id_in_scientific_notation'
            when
                landed_amount_count
                > {{ count_values([
                    'quantity', 'list_amount', 'shop_discount_amount',
                    'platform_discount_amount', 'coupon_amount', 'goods_amount',
                ]) }}
                then 'bad_amount'
            when
                coalesce(item_code_raw, barcode_raw) is null
                or quantity is null or goods_amount is null
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
    'pos' as channel_code,
    'pos_retail' as shop_code,
    order_id,
    line_id,
    item_code_raw,
    barcode_raw,
    quantity,
    coalesce(list_amount, goods_amount) as list_amount,
    coalesce(shop_discount_amount, 0) as shop_discount_amount,
    coalesce(platform_discount_amount, 0) as platform_discount_amount,
    coalesce(coupon_amount, 0) as coupon_amount,
    goods_amount,
    is_gift,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('order_line_key') }}
)
