-- RFM tags: eight groups by the fixed cuts of the customer's main brand.
-- One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

main_brands as (

    select * from {{ ref('int_purchases__brands') }}
    where is_main_brand

),

brand_rules as (

    select * from {{ ref('brand_rules') }}

),

judged as (

    select
        main_brands.customer_id,
        coalesce(
            main_brands.days_since_last_order <= brand_rules.rfm_recency_days, false
        ) as is_recent,
        main_brands.order_count_365d >= brand_rules.rfm_frequency_count
            as is_frequent,
        main_brands.net_amount_365d >= brand_rules.rfm_monetary_amount as is_big
    from main_brands
    inner join brand_rules on main_brands.brand_code = brand_rules.brand_code

),

final as (

    select
        customers.customer_id,
        case
            when judged.customer_id is null then null
            when judged.is_big and judged.is_frequent and judged.is_recent
                then 'important_value'
            when judged.is_big and judged.is_frequent then 'important_keep'
            when judged.is_big and judged.is_recent then 'important_develop'
            when judged.is_big then 'important_win_back'
            when judged.is_frequent and judged.is_recent then 'general_value'
            when judged.is_frequent then 'general_keep'
            when judged.is_recent then 'general_develop'
            else 'general_win_back'
        end as rfm_group
    from customers
    left join judged on customers.customer_id = judged.customer_id

)

select * from final
