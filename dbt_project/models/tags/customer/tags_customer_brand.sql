-- Brand tags: recency of each brand. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

brands as (

    select * from {{ ref('int_purchases__brands') }}

),

brand_summary as (

    select
        customer_id,
        max(brand_code) filter (where is_main_brand) as main_brand,
        max(days_since_last_order) filter (where brand_code = 'ginseng')
            as ginseng_days_since_last_order,
        max(days_since_last_order) filter (where brand_code = 'baby')
            as baby_days_since_last_order,
        max(days_since_last_order) filter (where brand_code = 'skincare')
            as skincare_days_since_last_order
    from brands
    group by customer_id

),

final as (

    select
        customers.customer_id,
        brand_summary.main_brand as brand_main,
        brand_summary.ginseng_days_since_last_order
            as brand_ginseng_days_since_last_order,
        brand_summary.baby_days_since_last_order as brand_baby_days_since_last_order,
        brand_summary.skincare_days_since_last_order
            as brand_skincare_days_since_last_order
    from customers
    left join brand_summary on customers.customer_id = brand_summary.customer_id

)

select * from final
