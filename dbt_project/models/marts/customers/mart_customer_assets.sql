-- What a customer holds: points and coupons in hand. One row per customer who ever had
-- any.
{{ config(materialized='view', post_hook=[]) }}

with

accounts as (

    select * from {{ ref('mart_points_balances') }}

),

coupons as (

    select * from {{ ref('fct_coupon_states') }}
    where
        customer_id is not null
        and state in ('claimed', 'returned')
        and (valid_from is null or valid_from <= {{ as_of_date() }})

),

point_summary as (

    select
        customer_id,
        sum(available_points) as points_balance
    from accounts
    group by customer_id

),

coupon_summary as (

    select
        customer_id,
        count(*) as valid_coupon_count,
        sum(face_amount) as valid_coupon_amount
    from coupons
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
