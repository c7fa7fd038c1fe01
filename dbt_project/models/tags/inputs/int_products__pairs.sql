-- In how many baskets two of the top products are together. One row per product and
-- partner. Each pair is counted once, then told from both sides.

with

rules as (

    select * from {{ ref('affinity_rules') }}

),

top_products as (

    select
        parent_order_key,
        product_key
    from {{ ref('int_products__baskets') }}
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

    select pairs.*
    from pairs
    cross join rules
    where pairs.pair_count >= rules.min_pair_count

),

final as (

    select
        lesser_key as product_key,
        greater_key as partner_key,
        pair_count
    from frequent_pairs

    union all

    select
        greater_key as product_key,
        lesser_key as partner_key,
        pair_count
    from frequent_pairs

)

select * from final
