-- Which brands a customer prefers, beside what everybody buys. One row per customer
-- with anything kept of a brand.

with

rules as (

    select * from {{ ref('preference_rules') }}
    where subject = 'brand'

),

brands as (

    select * from {{ ref('int_purchases__brands') }}
    where weighed_amount > 0

),

-- Resellers and test accounts do not say what the population likes.
counted_customers as (

    select customer_id from {{ ref('tags_customer_risk') }}
    where risk_exclusion is null

),

population_brands as (

    select
        brands.brand_code,
        sum(brands.weighed_amount) as weighed_amount
    from brands
    inner join counted_customers
        on brands.customer_id = counted_customers.customer_id
    group by brands.brand_code

),

population_shares as (

    select
        brand_code,
        weighed_amount,
        sum(weighed_amount) over () as total_amount
    from population_brands

),

shares as (

    select
        brands.*,
        sum(brands.weighed_amount) over (partition by brands.customer_id)
            as total_amount,
        brands.order_count_365d >= rules.min_order_count as is_habit
    from brands
    cross join rules

),

-- 100 = as much of it as everybody. Divided once and rounded before it ranks, so that
-- ties are ties.
indexed as (

    select
        shares.*,
        cast(
            100 * shares.weighed_amount * population_shares.total_amount
            / (shares.total_amount * population_shares.weighed_amount)
            as numeric(18, 2)
        ) as share_index
    from shares
    left join population_shares on shares.brand_code = population_shares.brand_code

),

ranked as (

    select
        *,
        row_number() over (
            partition by customer_id
            order by weighed_amount desc, brand_code asc
        ) as preferred_number,
        row_number() over (
            partition by customer_id
            order by is_habit desc, share_index desc nulls last, brand_code asc
        ) as characteristic_number,
        row_number() over (
            partition by customer_id
            order by first_paid_on asc, net_amount_365d desc, brand_code asc
        ) as first_number
    from indexed

),

final as (

    select
        customer_id,
        max(brand_code) filter (where preferred_number = 1) as preferred_brand,
        max(brand_code) filter (where preferred_number = 2) as second_brand,
        cast(
            max(weighed_amount / total_amount) filter (where preferred_number = 1)
            as numeric(9, 4)
        ) as preferred_rate,
        max(brand_code) filter (
            where characteristic_number = 1 and is_habit
        ) as characteristic_brand,
        max(brand_code) filter (where first_number = 1) as first_brand
    from ranked
    group by customer_id

)

select * from final
