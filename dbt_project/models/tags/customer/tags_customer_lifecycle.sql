-- Lifecycle tags: the stage in each brand by the brand's own horizons, and in the
-- customer's main brand. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

brands as (

    select * from {{ ref('int_purchases__brands') }}
    where last_paid_on is not null

),

brand_rules as (

    select * from {{ ref('brand_rules') }}

),

staged as (

    select
        brands.customer_id,
        brands.brand_code,
        brands.is_main_brand,
        case
            when brands.days_since_first_order <= brand_rules.new_days then 'new'
            when brands.days_since_last_order <= brand_rules.active_days
                then 'active'
            when brands.days_since_last_order <= brand_rules.slowing_days
                then 'slowing'
            when brands.days_since_last_order <= brand_rules.sleeping_days
                then 'sleeping'
            else 'lost'
        end as brand_stage
    from brands
    inner join brand_rules on brands.brand_code = brand_rules.brand_code

),

stage_summary as (

    select
        customer_id,
        max(brand_stage) filter (where is_main_brand) as main_stage,
        max(brand_stage) filter (where brand_code = 'baby') as baby_stage,
        max(brand_stage) filter (where brand_code = 'ginseng') as ginseng_stage,
        max(brand_stage) filter (where brand_code = 'skincare') as skincare_stage,
        max(brand_stage) filter (where brand_code = 'supermarket') as supermarket_stage
    from staged
    group by customer_id

),

final as (

    select
        customers.customer_id,
        coalesce(stage_summary.main_stage, 'prospect') as lifecycle_stage,
        coalesce(stage_summary.baby_stage, 'prospect') as lifecycle_stage_baby,
        coalesce(stage_summary.ginseng_stage, 'prospect') as lifecycle_stage_ginseng,
        coalesce(stage_summary.skincare_stage, 'prospect')
            as lifecycle_stage_skincare,
        coalesce(stage_summary.supermarket_stage, 'prospect')
            as lifecycle_stage_supermarket
    from customers
    left join stage_summary on customers.customer_id = stage_summary.customer_id

)

select * from final
