-- Where every coupon is in its life, and its amounts. One row per coupon.

with

coupons as (

    select * from {{ ref('fct_coupons') }}

),

steps as (

    select
        *,
        row_number() over (
            partition by coupon_key order by step_number desc
        ) as steps_from_last
    from {{ ref('fct_coupon_steps') }}

),

-- Times and amounts stand on some steps only.
terms as (

    select
        {{ bigint_key(['channel_code', 'coupon_id']) }} as coupon_key,
        channel_code,
        coupon_id,
        max(customer_id) as customer_id,
        max(shop_code) as shop_code,
        max(template_code) as template_code,
        max(campaign_code) as campaign_code,
        max(face_amount) as face_amount,
        max(threshold_amount) as threshold_amount,
        max(valid_from) as valid_from,
        max(valid_to) as valid_to
    from coupons
    group by channel_code, coupon_id

),

step_summary as (

    select
        coupon_key,
        max(state_after) filter (where steps_from_last = 1) as state,
        min(occurred_on) filter (where action = 'issue') as issued_on,
        min(occurred_on) filter (where action = 'claim') as claimed_on,
        max(occurred_on) filter (
            where state_after = 'used' and state_before <> 'used'
        ) as used_on,
        max(order_key) filter (
            where steps_from_last = 1 and state_after = 'used'
        ) as order_key,
        max(occurred_on) filter (
            where state_after = 'returned' and state_before <> 'returned'
        ) as returned_on,
        max(occurred_on) filter (
            where state_after = 'expired' and state_before <> 'expired'
        ) as expired_on,
        count(*) as step_count,
        count(fault_reason) as fault_count
    from steps
    group by coupon_key

),

-- A coupon whose last day is over has ended, whether its channel says so or not.
final as (

    select
        terms.coupon_key,
        terms.customer_id,
        terms.channel_code,
        terms.shop_code,
        terms.coupon_id,
        terms.template_code,
        terms.campaign_code,
        terms.face_amount,
        terms.threshold_amount,
        terms.valid_from,
        terms.valid_to,
        case
            when step_summary.state <> 'used' and terms.valid_to <= {{ as_of_date() }}
                then 'expired'
            else step_summary.state
        end as state,
        step_summary.issued_on,
        step_summary.claimed_on,
        step_summary.used_on,
        step_summary.returned_on,
        case
            when step_summary.state = 'expired' then step_summary.expired_on
            when step_summary.state <> 'used' and terms.valid_to <= {{ as_of_date() }}
                then terms.valid_to
        end as expired_on,
        case when step_summary.state = 'used' then terms.face_amount end as used_amount,
        step_summary.order_key,
        step_summary.step_count,
        step_summary.fault_count
    from terms
    inner join step_summary on terms.coupon_key = step_summary.coupon_key

)

select * from final
