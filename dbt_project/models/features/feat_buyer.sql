-- Everything known at base_date about a buyer, whatever the brand: the inputs of
-- ml.purchase_intent. One row per base_date and customer who had bought by then.

with

buyers as (

    select * from {{ ref('feat_customer') }}

),

rhythms as (

    select * from {{ ref('feat_customer_rhythm') }}

),

reached as (

    select * from {{ ref('feat_reached') }}

),

final as (

    select
        buyers.base_date,
        buyers.customer_id,
        buyers.days_since_last_purchase,
        rhythms.days_since_first_purchase,
        buyers.purchase_days,
        rhythms.purchase_days_7d,
        rhythms.purchase_days_14d,
        buyers.purchase_days_30d,
        rhythms.purchase_days_60d,
        buyers.purchase_days_90d,
        rhythms.purchase_days_180d,
        rhythms.purchase_days_365d,
        buyers.goods_amount_30d,
        buyers.goods_amount_90d,
        rhythms.goods_amount_180d,
        rhythms.goods_amount_365d,
        rhythms.day_amount_90d,
        rhythms.line_count_30d,
        rhythms.line_count_90d,
        rhythms.category_count_90d,
        rhythms.gap_count,
        rhythms.gap_days_mean,
        rhythms.gap_days_stddev,
        rhythms.gap_days_max,
        rhythms.log_gap_mean,
        rhythms.log_gap_variance,
        rhythms.days_until_due,
        rhythms.overdue_rate,
        rhythms.discounted_line_rate_180d,
        rhythms.coupon_line_rate_180d,
        rhythms.online_line_rate_180d,
        buyers.event_active_days_30d,
        buyers.event_view_count_30d,
        buyers.event_cart_count_30d,
        reached.days_since_last_visit,
        reached.visit_days_90d,
        reached.content_count_90d,
        buyers.touch_count_30d,
        reached.touch_click_count_90d,
        reached.advert_view_count_90d,
        reached.coupon_claim_count_90d,
        buyers.coupon_used_count_90d,
        buyers.refund_count_90d,
        reached.guide_count,
        buyers.is_member,
        buyers.gender,
        buyers.age_years
    from buyers
    inner join rhythms
        on
            buyers.base_date = rhythms.base_date
            and buyers.customer_id = rhythms.customer_id
    inner join reached
        on
            buyers.base_date = reached.base_date
            and buyers.customer_id = reached.customer_id

)

select * from final
