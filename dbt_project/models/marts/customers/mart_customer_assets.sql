-- What a customer holds: points and coupons in hand. One row per customer who ever had
-- any.
{{ config(materialized='view', post_hook=[]) }}

with

points as (

    select * from {{ ref('fct_points') }}
    where customer_id is not null

),

steps as (

    select * from {{ ref('fct_coupons') }}
    where customer_id is not null

),

cancelled_orders as (

    select order_key from {{ ref('fct_orders') }}
    where order_status = 'closed'

),

point_summary as (

    select
        customer_id,
        sum(points) as points_balance
    from points
    group by customer_id

),

-- A cancelled order gives its coupon back, even when the channel does not write it
-- down. Times and amounts stand on some steps only.
coupons as (

    select
        steps.customer_id,
        steps.channel_code,
        steps.coupon_id,
        max(steps.face_amount) as face_amount,
        max(steps.valid_from) as valid_from,
        max(steps.valid_to) as valid_to,
        {{ max_by(
            "case when steps.action = 'use' and cancelled_orders.order_key is not null"
            ~ " then 'return' else steps.action end",
            'steps.occurred_at',
        ) }} as last_action
    from steps
    left join cancelled_orders on steps.order_key = cancelled_orders.order_key
    group by steps.customer_id, steps.channel_code, steps.coupon_id

),

coupon_summary as (

    select
        customer_id,
        count(*) as valid_coupon_count,
        sum(face_amount) as valid_coupon_amount
    from coupons
    where
        last_action in ('claim', 'return')
        and (valid_from is null or valid_from <= {{ as_of_date() }})
        and (valid_to is null or valid_to > {{ as_of_date() }})
    group by customer_id

),

final as (

    select
        coalesce(point_summary.customer_id, coupon_summary.customer_id) as customer_id,
        cast(coalesce(point_summary.points_balance, 0) as bigint) as points_balance,
        coalesce(coupon_summary.valid_coupon_count, 0) as valid_coupon_count,
        coalesce(coupon_summary.valid_coupon_amount, 0) as valid_coupon_amount
    from point_summary
    full outer join coupon_summary
        on point_summary.customer_id = coupon_summary.customer_id

)

select * from final
