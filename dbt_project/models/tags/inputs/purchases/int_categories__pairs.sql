-- Which categories the same people buy within a year. One row per ordered pair of
-- categories with enough common buyers.

with

rules as (

    select * from {{ ref('preference_rules') }}
    where subject = 'category'

),

-- Resellers and test accounts do not say what goes together.
counted_customers as (

    select customer_id from {{ ref('tags_customer_risk') }}
    where risk_exclusion is null

),

categories as (

    select * from {{ ref('int_purchases__categories') }}
    where last_paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}

),

bought as (

    select
        categories.customer_id,
        categories.product_category
    from categories
    inner join counted_customers
        on categories.customer_id = counted_customers.customer_id

),

category_buyers as (

    select
        product_category,
        count(*) as buyer_count
    from bought
    group by product_category

),

buyers as (

    select count(distinct customer_id) as buyer_count from bought

),

pair_buyers as (

    select
        bought.product_category,
        paired.product_category as paired_category,
        count(*) as buyer_count
    from bought
    inner join bought as paired
        on
            bought.customer_id = paired.customer_id
            and bought.product_category <> paired.product_category
    group by bought.product_category, paired.product_category

),

final as (

    select
        pair_buyers.product_category,
        pair_buyers.paired_category,
        pair_buyers.buyer_count,
        -- How many times as often together as by chance.
        cast(
            cast(pair_buyers.buyer_count as numeric(38, 0)) * buyers.buyer_count
            / (category_buyers.buyer_count * paired_buyers.buyer_count)
            as numeric(18, 4)
        ) as lift
    from pair_buyers
    inner join category_buyers
        on pair_buyers.product_category = category_buyers.product_category
    inner join category_buyers as paired_buyers
        on pair_buyers.paired_category = paired_buyers.product_category
    cross join buyers
    inner join rules on pair_buyers.buyer_count >= rules.min_buyer_count

)

select * from final
