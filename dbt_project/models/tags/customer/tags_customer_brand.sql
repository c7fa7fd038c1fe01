-- Brand tags: what is bought of each brand line, which one is preferred, which comes
-- next. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

brands as (

    select
        *,
        sum(net_amount_365d) over (partition by customer_id) as total_amount_365d
    from {{ ref('int_purchases__brands') }}

),

preferences as (

    select * from {{ ref('int_purchases__brand_preferences') }}

),

gaps as (

    select * from {{ ref('int_purchases__brand_gaps') }}

),

loyalty_cuts as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'brand_loyalty'
        and {{ as_of_date() }} between valid_from and valid_to

),

stock_summary as (

    select
        customer_id,
        max(run_out_on) filter (where brand_code = 'ginseng') as ginseng_run_out_on,
        max(run_out_on) filter (where brand_code = 'baby') as baby_run_out_on,
        max(run_out_on) filter (where brand_code = 'skincare') as skincare_run_out_on
    from {{ ref('int_purchases__stocks') }}
    where is_main_of_brand
    group by customer_id

),

brand_summary as (

    select
        customer_id,
        max(brand_code) filter (where is_main_brand) as brand_main,
        count(*) filter (where days_since_last_order < 365) as brand_count_365d,
        cast(
            max(net_amount_365d / nullif(total_amount_365d, 0)) as numeric(9, 4)
        ) as main_rate_365d,
        max(days_since_last_order) filter (where brand_code = 'ginseng')
            as brand_ginseng_days_since_last_order,
        max(days_since_last_order) filter (where brand_code = 'baby')
            as brand_baby_days_since_last_order,
        max(days_since_last_order) filter (where brand_code = 'skincare')
            as brand_skincare_days_since_last_order,
        max(days_since_last_order) filter (where brand_code = 'supermarket')
            as brand_supermarket_days_since_last_order,
        max(first_paid_on) filter (where brand_code = 'ginseng')
            as brand_ginseng_first_order_on,
        max(first_paid_on) filter (where brand_code = 'baby')
            as brand_baby_first_order_on,
        max(first_paid_on) filter (where brand_code = 'skincare')
            as brand_skincare_first_order_on,
        max(order_count_365d) filter (where brand_code = 'ginseng')
            as ginseng_order_count,
        max(order_count_365d) filter (where brand_code = 'baby') as baby_order_count,
        max(order_count_365d) filter (where brand_code = 'skincare')
            as skincare_order_count,
        max(order_count_365d) filter (where brand_code = 'supermarket')
            as supermarket_order_count,
        max(net_amount_365d) filter (where brand_code = 'ginseng') as ginseng_amount,
        max(net_amount_365d) filter (where brand_code = 'baby') as baby_amount,
        max(net_amount_365d) filter (where brand_code = 'skincare')
            as skincare_amount,
        max(net_amount_365d) filter (where brand_code = 'supermarket')
            as supermarket_amount
    from brands
    group by customer_id

),

final as (

    select
        customers.customer_id,
        brand_summary.brand_main,
        brand_summary.main_rate_365d as brand_main_rate_365d,
        loyalty_cuts.label as brand_loyalty,
        coalesce(brand_summary.brand_count_365d, 0) as brand_count_365d,
        preferences.first_brand as brand_first,
        preferences.preferred_brand as brand_preferred,
        preferences.second_brand as brand_preferred_second,
        preferences.preferred_rate as brand_preferred_rate,
        preferences.characteristic_brand as brand_characteristic,
        gaps.next_brand as brand_next,
        brand_summary.brand_ginseng_days_since_last_order,
        brand_summary.brand_baby_days_since_last_order,
        brand_summary.brand_skincare_days_since_last_order,
        brand_summary.brand_supermarket_days_since_last_order,
        brand_summary.brand_ginseng_first_order_on,
        brand_summary.brand_baby_first_order_on,
        brand_summary.brand_skincare_first_order_on,
        coalesce(brand_summary.ginseng_order_count, 0)
            as brand_ginseng_order_count_365d,
        coalesce(brand_summary.baby_order_count, 0) as brand_baby_order_count_365d,
        coalesce(brand_summary.skincare_order_count, 0)
            as brand_skincare_order_count_365d,
        coalesce(brand_summary.supermarket_order_count, 0)
            as brand_supermarket_order_count_365d,
        coalesce(brand_summary.ginseng_amount, 0) as brand_ginseng_net_amount_365d,
        coalesce(brand_summary.baby_amount, 0) as brand_baby_net_amount_365d,
        coalesce(brand_summary.skincare_amount, 0) as brand_skincare_net_amount_365d,
        coalesce(brand_summary.supermarket_amount, 0)
            as brand_supermarket_net_amount_365d,
        stock_summary.ginseng_run_out_on as brand_ginseng_run_out_on,
        stock_summary.baby_run_out_on as brand_baby_run_out_on,
        stock_summary.skincare_run_out_on as brand_skincare_run_out_on
    from customers
    left join brand_summary on customers.customer_id = brand_summary.customer_id
    left join loyalty_cuts
        on
            brand_summary.main_rate_365d >= loyalty_cuts.from_value
            and (
                loyalty_cuts.to_value is null
                or brand_summary.main_rate_365d < loyalty_cuts.to_value
            )
    left join preferences on customers.customer_id = preferences.customer_id
    left join gaps on customers.customer_id = gaps.customer_id
    left join stock_summary on customers.customer_id = stock_summary.customer_id

)

select * from final
