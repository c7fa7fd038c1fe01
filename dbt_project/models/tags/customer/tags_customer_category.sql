-- Category tags: what is bought of the group's categories, what is preferred, what is
-- missing, what runs out when. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

categories as (

    select * from {{ ref('int_purchases__category_summary') }}

),

preferences as (

    select * from {{ ref('int_purchases__category_preferences') }}

),

gaps as (

    select * from {{ ref('int_purchases__category_gaps') }}

),

stocks as (

    select * from {{ ref('int_purchases__stocks') }}

),

formulas as (

    select * from {{ ref('int_purchases__formula_stages') }}

),

main_stocks as (

    select * from stocks
    where is_main

),

stock_summary as (

    select
        customer_id,
        count(*) filter (
            where run_out_on
            between {{ as_of_date() }} and {{ dbt.dateadd('day', 30, as_of_date()) }}
        ) as due_count,
        count(*) filter (
            where run_out_on < {{ as_of_date() }}
            and run_out_on >= {{ dbt.dateadd('day', -30, as_of_date()) }}
        ) as overdue_count
    from stocks
    group by customer_id

),

final as (

    select
        customers.customer_id,
        preferences.main_category as category_main_365d,
        coalesce(categories.category_count_365d, 0) as category_count_365d,
        cast(categories.concentration_365d as numeric(9, 4))
            as category_concentration_rate_365d,
        coalesce(categories.new_category_count_90d, 0) as category_new_count_90d,
        cast(categories.private_label_rate_365d as numeric(9, 4))
            as category_private_label_rate_365d,
        preferences.preferred_category as category_preferred,
        preferences.second_category as category_preferred_second,
        preferences.preferred_rate as category_preferred_rate,
        preferences.preferred_index as category_preferred_index,
        preferences.characteristic_category as category_characteristic,
        preferences.lapsed_category as category_lapsed,
        gaps.paired_category as category_paired_unbought,
        categories.bakery_days as category_bakery_days_since_last_order,
        categories.produce_days as category_produce_days_since_last_order,
        categories.meat_days as category_meat_days_since_last_order,
        categories.seafood_days as category_seafood_days_since_last_order,
        categories.deli_days as category_deli_days_since_last_order,
        categories.health_food_days as category_health_food_days_since_last_order,
        categories.vitamins_days as category_vitamins_days_since_last_order,
        categories.skin_care_days as category_skin_care_days_since_last_order,
        categories.hair_care_days as category_hair_care_days_since_last_order,
        categories.diapers_days as category_diapers_days_since_last_order,
        categories.infant_formula_days
            as category_infant_formula_days_since_last_order,
        cast(coalesce(categories.bakery_order_count_365d, 0) as bigint)
            as category_bakery_order_count_365d,
        cast(coalesce(categories.produce_order_count_365d, 0) as bigint)
            as category_produce_order_count_365d,
        cast(coalesce(categories.meat_order_count_365d, 0) as bigint)
            as category_meat_order_count_365d,
        cast(coalesce(categories.deli_order_count_365d, 0) as bigint)
            as category_deli_order_count_365d,
        main_stocks.product_category as category_run_out_category,
        main_stocks.run_out_on as category_run_out_on,
        {{ dbt.datediff(as_of_date(), 'main_stocks.run_out_on', 'day') }}
            as category_run_out_days,
        coalesce(stock_summary.due_count, 0) as category_run_out_count_30d,
        coalesce(stock_summary.overdue_count, 0) as category_overdue_count_30d,
        formulas.formula_stage as category_formula_stage
    from customers
    left join categories on customers.customer_id = categories.customer_id
    left join preferences on customers.customer_id = preferences.customer_id
    left join gaps on customers.customer_id = gaps.customer_id
    left join main_stocks on customers.customer_id = main_stocks.customer_id
    left join stock_summary on customers.customer_id = stock_summary.customer_id
    left join formulas on customers.customer_id = formulas.customer_id

)

select * from final
