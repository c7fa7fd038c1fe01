-- Which categories a customer prefers, beside what everybody buys. One row per customer
-- with anything kept of a category.

with

rules as (

    select * from {{ ref('preference_rules') }}
    where subject = 'category'

),

categories as (

    select * from {{ ref('int_purchases__categories') }}
    where weighed_amount > 0

),

-- Resellers and test accounts do not say what the population likes.
counted_customers as (

    select customer_id from {{ ref('tags_customer_risk') }}
    where risk_exclusion is null

),

population_categories as (

    select
        categories.product_category,
        sum(categories.weighed_amount) as weighed_amount
    from categories
    inner join counted_customers
        on categories.customer_id = counted_customers.customer_id
    group by categories.product_category

),

population_shares as (

    select
        product_category,
        weighed_amount,
        sum(weighed_amount) over () as total_amount
    from population_categories

),

shares as (

    select
        categories.*,
        sum(categories.weighed_amount) over (partition by categories.customer_id)
            as total_amount,
        categories.order_count_365d >= rules.min_order_count as is_habit,
        {{ dbt.datediff('categories.last_paid_on', as_of_date(), 'day') }}
        >= rules.lapsed_days as is_silent
    from categories
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
    left join population_shares
        on shares.product_category = population_shares.product_category

),

ranked as (

    select
        *,
        row_number() over (
            partition by customer_id
            order by
                net_amount_365d desc,
                last_paid_on desc,
                product_category asc
        ) as main_number,
        row_number() over (
            partition by customer_id
            order by weighed_amount desc, product_category asc
        ) as preferred_number,
        row_number() over (
            partition by customer_id
            order by
                is_habit desc,
                share_index desc nulls last,
                product_category asc
        ) as characteristic_number,
        row_number() over (
            partition by customer_id
            order by
                (is_habit and is_silent) desc,
                net_amount_365d desc,
                product_category asc
        ) as lapsed_number
    from indexed

),

final as (

    select
        customer_id,
        max(product_category) filter (
            where main_number = 1 and net_amount_365d > 0
        ) as main_category,
        max(product_category) filter (where preferred_number = 1)
            as preferred_category,
        max(product_category) filter (where preferred_number = 2)
            as second_category,
        cast(
            max(weighed_amount / total_amount) filter (where preferred_number = 1)
            as numeric(9, 4)
        ) as preferred_rate,
        max(share_index) filter (where preferred_number = 1) as preferred_index,
        max(product_category) filter (
            where characteristic_number = 1 and is_habit
        ) as characteristic_category,
        max(product_category) filter (
            where lapsed_number = 1 and is_habit and is_silent
        ) as lapsed_category
    from ranked
    group by customer_id

)

select * from final
