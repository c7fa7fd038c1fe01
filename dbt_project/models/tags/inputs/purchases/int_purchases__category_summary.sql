-- What of the group's categories a customer buys, how broadly and how lately. One row
-- per customer with a purchase of a category.

with

categories as (

    select
        *,
        {{ dbt.datediff('last_paid_on', as_of_date(), 'day') }}
            as days_since_last_order,
        sum(net_amount_365d) over (partition by customer_id) as total_amount_365d,
        min(first_paid_on) over (partition by customer_id) as customer_first_paid_on
    from {{ ref('int_purchases__categories') }}

),

final as (

    select
        customer_id,
        count(*) filter (where days_since_last_order < 365) as category_count_365d,
        -- What filled a newcomer's first basket is not a category newly tried.
        count(*) filter (
            where
            first_paid_on > {{ dbt.dateadd('day', -90, as_of_date()) }}
            and first_paid_on > customer_first_paid_on
        ) as new_category_count_90d,
        sum(net_amount_365d * net_amount_365d)
        / nullif(max(total_amount_365d) * max(total_amount_365d), 0)
            as concentration_365d,
        sum(private_label_amount_365d) / nullif(sum(net_amount_365d), 0)
            as private_label_rate_365d,
        max(days_since_last_order) filter (where product_category = 'bakery')
            as bakery_days,
        max(days_since_last_order) filter (where product_category = 'produce')
            as produce_days,
        max(days_since_last_order) filter (where product_category = 'meat')
            as meat_days,
        max(days_since_last_order) filter (where product_category = 'seafood')
            as seafood_days,
        max(days_since_last_order) filter (where product_category = 'deli')
            as deli_days,
        max(days_since_last_order) filter (where product_category = 'health_food')
            as health_food_days,
        max(days_since_last_order) filter (where product_category = 'vitamins')
            as vitamins_days,
        max(days_since_last_order) filter (where product_category = 'skin_care')
            as skin_care_days,
        max(days_since_last_order) filter (where product_category = 'hair_care')
            as hair_care_days,
        max(days_since_last_order) filter (where product_category = 'diapers')
            as diapers_days,
        max(days_since_last_order) filter (
            where product_category = 'infant_formula'
        ) as infant_formula_days,
        sum(order_count_365d) filter (where product_category = 'bakery')
            as bakery_order_count_365d,
        sum(order_count_365d) filter (where product_category = 'produce')
            as produce_order_count_365d,
        sum(order_count_365d) filter (where product_category = 'meat')
            as meat_order_count_365d,
        sum(order_count_365d) filter (where product_category = 'deli')
            as deli_order_count_365d
    from categories
    group by customer_id

)

select * from final
