-- What the models of people say of each customer this month, and what a sleeper of the
-- main brand is to be offered. One row per customer; a score speaks of the month after
-- the one it has seen.

with

customers as (

    select customer_id from {{ ref('dim_customers') }}

),

intents as (

    select * from {{ source('ml', 'purchase_intent') }}
    where {{ score_holds('base_date') }}

),

churns as (

    select * from {{ source('ml', 'churn') }}
    where {{ score_holds('base_date') }}

),

recalls as (

    select * from {{ source('ml', 'reactivation') }}
    where {{ score_holds('base_date') }}

),

packs as (

    select * from {{ source('ml', 'high_potential') }}
    where {{ score_holds('base_date') }}

),

main_brands as (

    select
        customer_id,
        brand_code,
        net_amount_365d / nullif(order_count_365d, 0) as ticket_amount
    from {{ ref('int_purchases__brands') }}
    where is_main_brand

),

categories as (

    select * from {{ ref('int_purchases__category_preferences') }}

),

cuts as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'reactivation_offer'
        and {{ as_of_date() }} between valid_from and valid_to

),

-- A threshold above what he usually pays for who pays much, else a gift of what he
-- liked: given up first.
offers as (

    select
        recalls.customer_id,
        recalls.band as reactivation_band,
        cuts.label as reactivation_offer,
        coalesce(categories.lapsed_category, categories.preferred_category)
            as reactivation_category
    from recalls
    inner join main_brands
        on
            recalls.customer_id = main_brands.customer_id
            and recalls.brand_code = main_brands.brand_code
    left join cuts
        on
            main_brands.brand_code = cuts.scope
            and main_brands.ticket_amount >= cuts.from_value
            and (cuts.to_value is null or main_brands.ticket_amount < cuts.to_value)
    left join categories
        on recalls.customer_id = categories.customer_id

),

final as (

    select
        customers.customer_id,
        intents.band as purchase_intent_band,
        churns.band as churn_band,
        churns.churn_horizon_days,
        offers.reactivation_band,
        offers.reactivation_offer,
        offers.reactivation_category,
        packs.pack as high_potential_pack
    from customers
    left join intents on customers.customer_id = intents.customer_id
    left join churns on customers.customer_id = churns.customer_id
    left join offers on customers.customer_id = offers.customer_id
    left join packs on customers.customer_id = packs.customer_id

)

select * from final
