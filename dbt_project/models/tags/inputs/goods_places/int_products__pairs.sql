-- In how many baskets two of the top products are together, and how much more often
-- than by chance (lift). One row per product and partner: each pair is counted once,
-- then told from both sides.

with

rules as (

    select * from {{ ref('affinity_rules') }}

),

baskets as not materialized (

    select * from {{ ref('int_products__baskets') }}

),

basket_total as (

    select count(distinct parent_order_key) as basket_count from baskets

),

product_counts as (

    select
        product_key,
        count(*) as basket_count
    from baskets
    where is_top_product
    group by product_key

),

top_products as (

    select
        parent_order_key,
        product_key
    from baskets
    where is_top_product

),

pairs as (

    select
        lesser.product_key as lesser_key,
        greater.product_key as greater_key,
        count(*) as pair_count
    from top_products as lesser
    inner join top_products as greater
        on
            lesser.parent_order_key = greater.parent_order_key
            and lesser.product_key < greater.product_key
    group by lesser.product_key, greater.product_key

),

frequent_pairs as (

    select
        pairs.lesser_key,
        pairs.greater_key,
        pairs.pair_count,
        lesser_counts.basket_count as lesser_count,
        greater_counts.basket_count as greater_count,
        cast(pairs.pair_count as numeric(38, 10)) * basket_total.basket_count
        / (lesser_counts.basket_count * greater_counts.basket_count) as lift
    from pairs
    inner join product_counts as lesser_counts
        on pairs.lesser_key = lesser_counts.product_key
    inner join product_counts as greater_counts
        on pairs.greater_key = greater_counts.product_key
    cross join basket_total
    cross join rules
    where pairs.pair_count >= rules.min_pair_count

),

final as (

    select
        lesser_key as product_key,
        greater_key as partner_key,
        pair_count,
        lesser_count as product_count,
        greater_count as partner_count,
        lift
    from frequent_pairs

    union all

    select
        greater_key as product_key,
        lesser_key as partner_key,
        pair_count,
        greater_count as product_count,
        lesser_count as partner_count,
        lift
    from frequent_pairs

)

select * from final
