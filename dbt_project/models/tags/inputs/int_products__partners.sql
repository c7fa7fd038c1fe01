-- What goes with each product in one basket: the closest item among the top products, and
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

basket_total as (

    select count(distinct parent_order_key) as basket_count from baskets

),

product_counts as (

    select
        product_key,
        count(*) as basket_count
    from baskets
    group by product_key

),

-- Milk is in every second basket. The closest partner is the one whose baskets are most
-- nearly the same ones (the cosine), if it is met more often than by chance.
ranked_pairs as (

    select
        pairs.product_key,
        pairs.partner_key,
        cast(pairs.pair_count as numeric(18, 4)) / product_counts.basket_count
            as partner_rate,
        row_number() over (
            partition by pairs.product_key
            order by
                cast(pairs.pair_count as numeric(38, 10)) * pairs.pair_count
                / partner_counts.basket_count desc,
                pairs.partner_key asc
        ) as partner_number
    from pairs
    inner join product_counts on pairs.product_key = product_counts.product_key
    inner join product_counts as partner_counts
        on pairs.partner_key = partner_counts.product_key
    cross join basket_total
    cross join rules
    where
        cast(pairs.pair_count as numeric(38, 4)) * basket_total.basket_count
        >= rules.min_lift * product_counts.basket_count * partner_counts.basket_count

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
        product_counts.product_key,
        ranked_pairs.partner_key,
        ranked_pairs.partner_rate,
        ranked_categories.partner_category
    from product_counts
    left join ranked_pairs
        on
            product_counts.product_key = ranked_pairs.product_key
            and ranked_pairs.partner_number = 1
    left join ranked_categories
        on
            product_counts.product_key = ranked_categories.product_key
            and ranked_categories.category_number = 1

)

select * from final
