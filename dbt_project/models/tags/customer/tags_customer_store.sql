-- Store tags. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

visits as (

    select * from {{ ref('int_purchases__stores') }}

),

stores as (

    select * from {{ ref('dim_stores') }}

),

habits as (

    select * from {{ ref('int_purchases__habits') }}

),

own_guides as (

    select
        customer_id,
        count(*) as guide_count
    from {{ ref('dim_guide_assignments') }}
    where
        valid_from <= {{ as_of_date() }}
        and (valid_to is null or valid_to > {{ as_of_date() }})
    group by customer_id

),

visit_summary as (

    select
        customer_id,
        min(store_code) filter (where is_home_store) as home_store_code,
        count(*) filter (where order_count_365d > 0) as store_count,
        sum(order_count_365d) as order_count,
        sum(guided_order_count_365d) as guided_order_count,
        sum(net_amount_365d) as net_amount,
        sum(net_amount_365d) filter (where is_home_store) as home_amount,
        max(last_paid_on) as last_paid_on
    from visits
    group by customer_id

),

final as (

    select
        customers.customer_id,
        visit_summary.home_store_code as store_home_store_id,
        stores.city as store_home_city,
        stores.city_tier as store_home_city_tier,
        stores.has_guide as store_home_has_guide,
        own_guides.guide_count is not null as store_has_own_guide,
        coalesce(visit_summary.store_count, 0) as store_count_365d,
        cast(coalesce(visit_summary.order_count, 0) as bigint)
            as store_order_count_365d,
        cast(coalesce(visit_summary.net_amount, 0) as numeric(18, 2))
            as store_net_amount_365d,
        cast(
            visit_summary.home_amount / nullif(visit_summary.net_amount, 0)
            as numeric(9, 4)
        ) as store_home_amount_rate_365d,
        cast(
            visit_summary.guided_order_count / nullif(visit_summary.order_count, 0)
            as numeric(9, 4)
        ) as store_guided_order_rate_365d,
        {{ dbt.datediff('visit_summary.last_paid_on', as_of_date(), 'day') }}
            as store_days_since_last_order,
        habits.store_main_daypart as store_main_daypart_365d,
        habits.store_day_off_rate as store_day_off_rate_365d
    from customers
    left join visit_summary on customers.customer_id = visit_summary.customer_id
    left join stores on visit_summary.home_store_code = stores.store_code
    left join own_guides on customers.customer_id = own_guides.customer_id
    left join habits on customers.customer_id = habits.customer_id

)

select * from final
