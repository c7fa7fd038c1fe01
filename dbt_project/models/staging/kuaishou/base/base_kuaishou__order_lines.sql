-- Lines inside Kuaishou orders, parsed and judged. One row per line of a landed order.

with

orders as (

    select
        _file_id,
        _row_no,
        record_key as order_key,
        shop_code,
        order_id,
        due_on,
        reject_reason as order_reject_reason
    from {{ ref('base_kuaishou__orders') }}

),

landed as (

    select
        orders._file_id,
        orders._row_no,
        orders.order_key,
        orders.shop_code,
        orders.order_id,
        orders.due_on,
        orders.order_reject_reason,
        elements.line_no,
        line_fields.*
    from {{ source('raw_kuaishou', 'orders') }} as answers
    inner join orders
        on
            answers._file_id = orders._file_id
            and answers._row_no = orders._row_no
    cross join
        lateral jsonb_array_elements({{ json_array('answers.order_item_list') }})
        with ordinality as elements (line, line_no)
    cross join
        lateral jsonb_to_record({{ json_object('elements.line') }})
            as line_fields (
                item_oid text, out_sku_code text, num text, total_fee text,
                shop_discount text, platform_discount text, coupon_fee text,
                goods_fee text, is_gift text
            )

),

parsed as (

    select
        *,
        {{ clean_id('item_oid') }} as line_id,
        {{ clean_id('out_sku_code') }} as item_code_raw,
        {{ parse_amount('num', 3) }} as quantity,
        {{ parse_fen('total_fee') }} as list_amount,
        {{ parse_fen('shop_discount') }} as shop_discount_amount,
        {{ parse_fen('platform_discount') }} as platform_discount_amount,
        {{ parse_fen('coupon_fee') }} as coupon_amount,
        {{ parse_fen('goods_fee') }} as goods_amount,
        {{ bigint_key([
            'out_sku_code', 'num', 'total_fee', 'shop_discount', 'platform_discount',
            'coupon_fee', 'goods_fee', 'is_gift',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'kuaishou'", "'order_line'", 'line_id']) }} as order_line_key,
        case
            -- A line shares the fate of the order it came in.
            when order_reject_reason is not null then order_reject_reason
            when line_id is null then 'missing_key'
            when {{ is_scientific('line_id') }} then 'id_in_scientific_notation'
            when
                {{ count_texts([
                    'num', 'total_fee', 'shop_discount', 'platform_discount',
                    'coupon_fee', 'goods_fee',
                ]) }}
                > {{ count_values([
                    'quantity', 'list_amount', 'shop_discount_amount',
                    'platform_discount_amount', 'coupon_amount', 'goods_amount',
                ]) }}
                then 'bad_amount'
            when item_code_raw is null or quantity is null or goods_amount is null
                then 'missing_required'
            when least(quantity, list_amount, goods_amount) < 0 then 'negative_amount'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    order_line_key,
    order_key,
    'kuaishou' as channel_code,
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
    coalesce(lower({{ clean_id('is_gift') }}) in ('true', '1', 'y'), false) as is_gift,
    due_on,
    {{ reject_reason() }} as reject_reason,
    line_no,
    _file_id,
    _row_no
from judged
window versions as (
    partition by order_line_key
    order by
        fault is not null,
        due_on > {{ as_of_date() }},
        due_on desc,
        _file_id desc,
        _row_no desc,
        line_no desc
)
