-- Coupon flow of all channels in one shape. One row per coupon and step.

with

unioned as (

    select
        coupon_event_key,
        record_key,
        channel_code,
        shop_code,
        coupon_id,
        template_code,
        campaign_code,
        action,
        face_amount,
        threshold_amount,
        valid_from,
        valid_to,
        order_id,
        occurred_at
    from {{ ref('stg_tmall__coupons') }}

    union all

    select
        coupon_event_key,
        record_key,
        channel_code,
        shop_code,
        coupon_id,
        template_code,
        campaign_code,
        action,
        face_amount,
        threshold_amount,
        valid_from,
        valid_to,
        order_id,
        occurred_at
    from {{ ref('stg_youzan__coupons') }}

    union all

    select
        coupon_event_key,
        record_key,
        channel_code,
        shop_code,
        coupon_id,
        template_code,
        campaign_code,
        action,
        face_amount,
        threshold_amount,
        valid_from,
        valid_to,
        order_id,
        occurred_at
    from {{ ref('stg_pos__coupons') }}

    union all

    select
        coupon_event_key,
        record_key,
        channel_code,
        shop_code,
        coupon_id,
        template_code,
        campaign_code,
        action,
        face_amount,
        threshold_amount,
        valid_from,
        valid_to,
        order_id,
        occurred_at
    from {{ ref('stg_douyin__coupons') }}

),

final as (

    select
        *,
        case
            when order_id is not null
                then {{ bigint_key(['channel_code', "'order'", 'order_id']) }}
        end as order_key,
        {{ local_date('occurred_at') }} as occurred_on
    from unioned

)

select * from final
