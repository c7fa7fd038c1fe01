-- The lifecycle stage in each brand by the brand's own horizons, and how many days it
-- lasts if nothing is bought. One row per customer and brand of which something was
-- kept.

with

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
        brands.days_since_first_order,
        brands.days_since_last_order,
        brand_rules.new_days,
        brand_rules.active_days,
        brand_rules.slowing_days,
        brand_rules.sleeping_days,
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

final as (

    select
        customer_id,
        brand_code,
        is_main_brand,
        brand_stage,
        -- Days of a stage are inclusive: the next one begins the day after the last.
        case brand_stage
            when 'new' then new_days - days_since_first_order + 1
            when 'active' then active_days - days_since_last_order + 1
            when 'slowing' then slowing_days - days_since_last_order + 1
            when 'sleeping' then sleeping_days - days_since_last_order + 1
        end as next_stage_days
    from staged

)

select * from final
