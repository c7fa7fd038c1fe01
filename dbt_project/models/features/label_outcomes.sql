-- What became of everything a model was asked, whatever the model. One row per model,
-- base_date, customer and brand ('all' where the question is not of a brand), as soon
-- as its label is known: is_yes where it was asked whether, amount (CNY) where how
-- much. A new model adds its labels here.
{{ config(materialized='view') }}

with

repurchase as (

    select
        'repurchase' as model_name,
        base_date,
        customer_id,
        brand_code,
        is_repurchased as is_yes,
        cast(null as numeric(18, 2)) as amount
    from {{ ref('label_repurchase') }}

),

repurchase_30d as (

    select
        'repurchase_30d' as model_name,
        base_date,
        customer_id,
        brand_code,
        is_repurchased_30d as is_yes,
        cast(null as numeric(18, 2)) as amount
    from {{ ref('label_repurchase_30d') }}

),

purchase_intent as (

    select
        'purchase_intent' as model_name,
        base_date,
        customer_id,
        'all' as brand_code,
        is_purchased_30d as is_yes,
        cast(null as numeric(18, 2)) as amount
    from {{ ref('label_purchase') }}

),

churn as (

    select
        'churn' as model_name,
        base_date,
        customer_id,
        'all' as brand_code,
        is_churned as is_yes,
        cast(null as numeric(18, 2)) as amount
    from {{ ref('label_churn') }}

),

reactivation as (

    select
        'reactivation' as model_name,
        base_date,
        customer_id,
        brand_code,
        is_reactivated as is_yes,
        cast(null as numeric(18, 2)) as amount
    from {{ ref('label_reactivation') }}

),

-- A purchase in 30 days: one of the lowest 30 bits of the set of days.
purchase_time as (

    select
        'purchase_time' as model_name,
        base_date,
        customer_id,
        'all' as brand_code,
        mod(bought_days, 1073741824) > 0 as is_yes,
        cast(null as numeric(18, 2)) as amount
    from {{ ref('label_next_purchases') }}
    where observed_days >= 30

),

cltv as (

    select
        'cltv' as model_name,
        base_date,
        customer_id,
        'all' as brand_code,
        cast(null as boolean) as is_yes,
        cast(amount_90d as numeric(18, 2)) as amount
    from {{ ref('label_value') }}

),

final as (

    select * from repurchase
    union all
    select * from repurchase_30d
    union all
    select * from purchase_intent
    union all
    select * from churn
    union all
    select * from reactivation
    union all
    select * from purchase_time
    union all
    select * from cltv

)

select * from final
