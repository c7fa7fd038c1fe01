-- Lines inside Youzan trades, parsed and judged. One row per line of a landed trade.

with

trades as (

    select
        _file_id,
        _row_no,
        record_key as order_key,
        shop_code,
        order_id,
        due_on,
        reject_reason as trade_reject_reason
    from {{ ref('base_youzan__trades') }}

),

landed as (

    select
        trades._file_id,
        trades._row_no,
        trades.order_key,
        trades.shop_code,
        trades.order_id,
        trades.due_on,
        trades.trade_reject_reason,
        elements.line_no,
        line_fields.*
    from {{ source('raw_youzan', 'trades') }} as answers
    inner join trades
        on
            answers._file_id = trades._file_id
            and answers._row_no = trades._row_no
    cross join
        lateral jsonb_to_record({{ json_object('answers.full_order_info') }})
            as parts (orders jsonb)
    cross join
        lateral jsonb_array_elements({{ json_array('parts.orders') }})
        with ordinality as elements (line, line_no)
    cross join
        lateral jsonb_to_record({{ json_object('elements.line') }})
            as line_fields (
                oid text, outer_sku_id text, num text, total_fee text,
                shop_discount text, platform_discount text, coupon_fee text,
                goods_fee text, is_present text
            )

),

parsed as (

    select
        *,
        {{ clean_id('oid') }} as line_id,
        {{ clean_id('outer_sku_id') }} as item_code_raw,
        {{ parse_amount('num', 3) }} as quantity,
        {{ parse_amount('total_fee') }} as list_amount,
        {{ parse_amount('shop_discount') }} as shop_discount_amount,
        {{ parse_amount('platform_discount') }} as platform_discount_amount,
        {{ parse_amount('coupon_fee') }} as coupon_amount,
        {{ parse_amount('goods_fee') }} as goods_amount,
        {{ bigint_key([
            'outer_sku_id', 'num', 'total_fee', 'shop_discount', 'platform_discount',
            'coupon_fee', 'goods_fee', 'is_present',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'youzan'", "'order_line'", 'line_id']) }} as order_line_key,
        case
            -- A line shares the fate of the trade it came in.
            when trade_reject_reason is not null then trade_reject_reason
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
    'youzan' as channel_code,
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
    coalesce(lower({{ clean_id('is_present') }}) in ('true', '1', 'y'), false)
        as is_gift,
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
