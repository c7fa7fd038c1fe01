-- Orders of the shopping platforms in one shape. One row per channel order.

with

final as (

    select
        record_key,
        channel_code,
        shop_code,
        store_code,
        staff_code,
        order_id,
        payment_id,
        order_type,
        order_status,
        is_test,
        list_amount,
        shop_discount_amount,
        platform_discount_amount,
        coupon_amount,
        points_amount,
        freight_amount,
        tax_amount,
        goods_amount,
        paid_amount,
        deposit_amount,
        ordered_at,
        deposit_paid_at,
        paid_at,
        completed_at
    from {{ ref('stg_tmall__orders') }}

    union all

    select
        record_key,
        channel_code,
        shop_code,
        store_code,
        staff_code,
        order_id,
        payment_id,
        order_type,
        order_status,
        is_test,
        list_amount,
        shop_discount_amount,
        platform_discount_amount,
        coupon_amount,
        points_amount,
        freight_amount,
        tax_amount,
        goods_amount,
        paid_amount,
        deposit_amount,
        ordered_at,
        deposit_paid_at,
        paid_at,
        completed_at
    from {{ ref('stg_douyin__orders') }}

    union all

    select
        record_key,
        channel_code,
        shop_code,
        store_code,
        staff_code,
        order_id,
        payment_id,
        order_type,
        order_status,
        is_test,
        list_amount,
        shop_discount_amount,
        platform_discount_amount,
        coupon_amount,
        points_amount,
        freight_amount,
        tax_amount,
        goods_amount,
        paid_amount,
        deposit_amount,
        ordered_at,
        deposit_paid_at,
        paid_at,
        completed_at
    from {{ ref('stg_xiaohongshu__orders') }}

    union all

    select
        record_key,
        channel_code,
        shop_code,
        store_code,
        staff_code,
        order_id,
        payment_id,
        order_type,
        order_status,
        is_test,
        list_amount,
        shop_discount_amount,
        platform_discount_amount,
        coupon_amount,
        points_amount,
        freight_amount,
        tax_amount,
        goods_amount,
        paid_amount,
        deposit_amount,
        ordered_at,
        deposit_paid_at,
        paid_at,
        completed_at
    from {{ ref('stg_kuaishou__orders') }}

)

select * from final
