-- Coupon flow. One row per coupon and step.

with

coupons as (

    select * from {{ ref('int_coupons__unioned') }}

),

records as (

    select * from {{ ref('oneid_records') }}

),

final as (

    select
        coupons.coupon_event_key,
        coupons.record_key,
        records.customer_id,
        coupons.channel_code,
        coupons.shop_code,
        coupons.coupon_id,
        coupons.template_code,
        coupons.campaign_code,
        coupons.action,
        coupons.face_amount,
        coupons.threshold_amount,
        coupons.valid_from,
        coupons.valid_to,
        coupons.order_key,
        coupons.occurred_at,
        coupons.occurred_on
    from coupons
    left join records on coupons.record_key = records.record_key

)

select * from final
