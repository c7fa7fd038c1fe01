-- What a customer bought of each brand; the brand, rfm and lifecycle families share it.
-- One row per customer and brand.

with

rules as (

    select * from {{ ref('preference_rules') }}
    where subject = 'brand'

),

brand_orders as (

    select * from {{ ref('int_purchases__brand_orders') }}

),

weighed_orders as (

    select
        brand_orders.*,
        {{ spend_weight('brand_orders.paid_on', 'rules.half_life_days') }} as weight
    from brand_orders
    cross join rules

),

brand_summary as (

    select
        customer_id,
        brand_code,
        min(paid_on) filter (where net_amount > 0) as first_paid_on,
        max(paid_on) filter (where net_amount > 0) as last_paid_on,
        count(*) filter (
            where paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ) as order_count_365d,
        cast(coalesce(sum(net_amount) filter (
            where paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ), 0) as numeric(18, 2)) as net_amount_365d,
        sum(net_amount * weight) as weighed_amount
    from weighed_orders
    group by customer_id, brand_code

),

final as (

    select
        customer_id,
        brand_code,
        first_paid_on,
        last_paid_on,
        order_count_365d,
        net_amount_365d,
        weighed_amount,
        {{ dbt.datediff('first_paid_on', as_of_date(), 'day') }}
            as days_since_first_order,
        {{ dbt.datediff('last_paid_on', as_of_date(), 'day') }}
            as days_since_last_order,
        -- The main brand: most spent in a year, else the one bought last.
        row_number() over (
            partition by customer_id
            order by
                net_amount_365d desc,
                last_paid_on desc nulls last,
                brand_code asc
        ) = 1 as is_main_brand
    from brand_summary

)

select * from final
