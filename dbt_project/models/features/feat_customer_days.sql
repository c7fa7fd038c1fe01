-- What each customer bought, day by day, whatever the brand. One row per customer and
-- day of purchase. Later rows never change an earlier one: a gap looks backwards only.

with

purchase_days as (

    select * from {{ ref('feat_purchase_days') }}

),

daily as (

    select
        customer_id,
        paid_on,
        sum(goods_amount) as goods_amount,
        sum(line_count) as line_count,
        sum(quantity) as quantity,
        sum(discounted_line_count) as discounted_line_count,
        sum(coupon_line_count) as coupon_line_count,
        sum(online_line_count) as online_line_count
    from purchase_days
    group by customer_id, paid_on

),

with_previous as (

    select
        *,
        lag(paid_on) over (partition by customer_id order by paid_on)
            as previous_paid_on
    from daily

),

final as (

    select
        customer_id,
        paid_on,
        goods_amount,
        line_count,
        quantity,
        discounted_line_count,
        coupon_line_count,
        online_line_count,
        {{ dbt.datediff('previous_paid_on', 'paid_on', 'day') }} as gap_days
    from with_previous

)

select * from final
