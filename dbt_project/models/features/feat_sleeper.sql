-- Customers asleep in a brand by the brand's own horizon (seed brand_rules, as the
-- lifecycle tags have it): the inputs of ml.reactivation. One row per base_date,
-- customer and brand.

with

buyings as (

    select * from {{ ref('feat_customer_brand') }}

),

buyers as (

    select * from {{ ref('feat_buyer') }}

),

rules as (

    select * from {{ ref('brand_rules') }}

),

final as (

    select
        buyings.*,
        cast(buyings.days_since_last_purchase as numeric(18, 4))
        / nullif(buyings.gap_days_mean, 0) as overdue_rate,
        buyers.purchase_days_365d as any_purchase_days_365d,
        buyers.goods_amount_365d as any_goods_amount_365d,
        buyers.day_amount_90d as any_day_amount_90d,
        buyers.category_count_90d as any_category_count_90d,
        buyers.gap_days_mean as any_gap_days_mean,
        buyers.days_since_last_visit,
        buyers.visit_days_90d,
        buyers.content_count_90d,
        buyers.touch_click_count_90d,
        buyers.coupon_claim_count_90d,
        buyers.guide_count
    from buyings
    inner join rules
        on
            buyings.brand_code = rules.brand_code
            and buyings.days_since_last_purchase > rules.slowing_days
            and buyings.days_since_last_purchase <= rules.sleeping_days
    inner join buyers
        on
            buyings.base_date = buyers.base_date
            and buyings.customer_id = buyers.customer_id

)

select * from final
