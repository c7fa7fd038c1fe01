-- What goes with each product in one basket: the closest item among the top products,
-- the most frequent category of another kind. One row per product in the baskets.

with

rules as (

    select * from {{ ref('affinity_rules') }}

),

baskets as not materialized (

    select * from {{ ref('int_products__baskets') }}

),

pairs as (

    select * from {{ ref('int_products__pairs') }}

),

products as (

    select distinct product_key from baskets

),

-- Milk is in every second basket. The closest partner is the one whose baskets are most
-- nearly the same ones (the cosine), if it is met more often than by chance.
ranked_pairs as (

    select
        pairs.product_key,
        pairs.partner_key,
        cast(
            cast(pairs.pair_count as numeric(18, 4)) / pairs.product_count
            as numeric(9, 4)
        ) as partner_rate,
        row_number() over (
            partition by pairs.product_key
            order by
                cast(pairs.pair_count as numeric(38, 10)) * pairs.pair_count
                / pairs.partner_count desc,
                pairs.partner_key asc
        ) as partner_number
    from pairs
    cross join rules
    where pairs.lift >= rules.min_lift

),

category_baskets as (

    select distinct
        parent_order_key,
        product_category
    from baskets

),

category_pairs as (

    select
        baskets.product_key,
        category_baskets.product_category as partner_category,
        count(*) as pair_count
    from baskets
    inner join category_baskets
        on
            baskets.parent_order_key = category_baskets.parent_order_key
            and baskets.product_category <> category_baskets.product_category
    group by baskets.product_key, category_baskets.product_category

),

ranked_categories as (

    select
        category_pairs.product_key,
        category_pairs.partner_category,
        row_number() over (
            partition by category_pairs.product_key
            order by category_pairs.pair_count desc, category_pairs.partner_category asc
        ) as category_number
    from category_pairs
    cross join rules
    where category_pairs.pair_count >= rules.min_pair_count

),

final as (

    select
        products.product_key,
        ranked_pairs.partner_key,
        ranked_pairs.partner_rate,
        ranked_categories.partner_category
    from products
    left join ranked_pairs
        on
            products.product_key = ranked_pairs.product_key
            and ranked_pairs.partner_number = 1
    left join ranked_categories
        on
            products.product_key = ranked_categories.product_key
            and ranked_categories.category_number = 1

)

select * from final
