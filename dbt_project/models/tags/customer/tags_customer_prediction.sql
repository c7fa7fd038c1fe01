-- Prediction tags: the published bands as they are. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

scores as (

    -- A score speaks of the month after the one it has seen; then it is stale.
    select * from {{ source('ml', 'repurchase') }}
    where {{ score_holds('base_date') }}

),

main_brands as (

    select * from {{ ref('int_purchases__brands') }}
    where is_main_brand

),

score_summary as (

    select
        scores.customer_id,
        max(scores.band) filter (where scores.brand_code = main_brands.brand_code)
            as main_band,
        max(scores.band) filter (where scores.brand_code = 'baby') as baby_band,
        max(scores.band) filter (where scores.brand_code = 'ginseng')
            as ginseng_band,
        max(scores.band) filter (where scores.brand_code = 'skincare')
            as skincare_band,
        max(scores.band) filter (where scores.brand_code = 'supermarket')
            as supermarket_band
    from scores
    left join main_brands on scores.customer_id = main_brands.customer_id
    group by scores.customer_id

),

-- The same question of the 30 days after the month end, for campaigns of those days.
soon_scores as (

    select * from {{ source('ml', 'repurchase_30d') }}
    where {{ score_holds('base_date') }}

),

soon_bands as (

    select
        soon_scores.customer_id,
        soon_scores.band
    from soon_scores
    inner join main_brands
        on
            soon_scores.customer_id = main_brands.customer_id
            and soon_scores.brand_code = main_brands.brand_code

),

people as (

    select * from {{ ref('int_predictions__people') }}

),

next_categories as (

    select * from {{ ref('int_predictions__next_category') }}

),

final as (

    select
        customers.customer_id,
        score_summary.main_band as prediction_repurchase_band,
        score_summary.baby_band as prediction_repurchase_band_baby,
        score_summary.ginseng_band as prediction_repurchase_band_ginseng,
        score_summary.skincare_band as prediction_repurchase_band_skincare,
        score_summary.supermarket_band as prediction_repurchase_band_supermarket,
        soon_bands.band as prediction_repurchase_band_30d,
        people.purchase_intent_band as prediction_purchase_intent_band,
        people.churn_band as prediction_churn_band,
        people.churn_horizon_days as prediction_churn_horizon_days,
        people.reactivation_band as prediction_reactivation_band,
        people.reactivation_offer as prediction_reactivation_offer,
        people.reactivation_category as prediction_reactivation_category,
        people.high_potential_pack as prediction_high_potential_pack,
        next_categories.next_category as prediction_next_category
    from customers
    left join score_summary on customers.customer_id = score_summary.customer_id
    left join soon_bands on customers.customer_id = soon_bands.customer_id
    left join people on customers.customer_id = people.customer_id
    left join next_categories
        on customers.customer_id = next_categories.customer_id

)

select * from final
