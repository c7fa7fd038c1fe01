-- Order lines of all channels in one shape. One row per channel order line.

with

unioned as (

    select
        order_line_key,
        order_key,
        channel_code,
        shop_code,
        line_id,
        item_code_raw,
        barcode_raw,
        quantity,
        list_amount,
        shop_discount_amount,
        platform_discount_amount,
        coupon_amount,
        goods_amount
    from {{ ref('stg_tmall__order_lines') }}

    union all

    select
        order_line_key,
        order_key,
        channel_code,
        shop_code,
        line_id,
        item_code_raw,
        barcode_raw,
        quantity,
        list_amount,
        shop_discount_amount,
        platform_discount_amount,
        coupon_amount,
        goods_amount
    from {{ ref('stg_youzan__order_lines') }}

    union all

    select
        order_line_key,
        order_key,
        channel_code,
        shop_code,
        line_id,
        item_code_raw,
        barcode_raw,
        quantity,
        list_amount,
        shop_discount_amount,
        platform_discount_amount,
        coupon_amount,
        goods_amount
    from {{ ref('stg_pos__order_lines') }}

    union all

    select
        order_line_key,
        order_key,
        channel_code,
        shop_code,
        line_id,
        item_code_raw,
        barcode_raw,
        quantity,
        list_amount,
        shop_discount_amount,
        platform_discount_amount,
        coupon_amount,
        goods_amount
    from {{ ref('stg_douyin__order_lines') }}

    union all

    select
        order_line_key,
        order_key,
        channel_code,
        shop_code,
        line_id,
        item_code_raw,
        barcode_raw,
        quantity,
        list_amount,
        shop_discount_amount,
        platform_discount_amount,
        coupon_amount,
        goods_amount
    from {{ ref('stg_xiaohongshu__order_lines') }}

    union all

    select
        order_line_key,
        order_key,
        channel_code,
        shop_code,
        line_id,
        item_code_raw,
        barcode_raw,
        quantity,
        list_amount,
        shop_discount_amount,
        platform_discount_amount,
        coupon_amount,
        goods_amount
    from {{ ref('stg_kuaishou__order_lines') }}

),

coded as (

    select
        *,
        coalesce(item_code_raw, barcode_raw) as product_code,
        case
            when item_code_raw is null then 'barcode'
            when channel_code = 'pos' then 'item'
            else 'merchant'
        end as product_code_kind
    from unioned

),

final as (

    select
        *,
        {{ bigint_key(['channel_code', 'product_code_kind', 'product_code']) }}
            as product_code_key
    from coded

)

select * from final
