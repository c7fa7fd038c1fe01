-- Which of the group's categories go together in one basket (交叉销售): association rules
-- over the baskets of the last 365 days. One row per rule "who buys this, buys that".

with

rules as (

    select * from {{ ref('cross_sell_rules') }}
    where grain = 'category'

),

basket_categories as (

    select distinct
        parent_order_key,
        product_category
    from {{ ref('int_products__baskets') }}
    where product_category <> 'other'

),

basket_total as (

    select count(distinct parent_order_key) as basket_count
    from {{ ref('int_products__baskets') }}

),

category_counts as (

    select
        product_category,
        count(*) as basket_count
    from basket_categories
    group by product_category

),

pairs as (

    select
        bought.product_category,
        partners.product_category as partner_category,
        count(*) as pair_count
    from basket_categories as bought
    inner join basket_categories as partners
        on
            bought.parent_order_key = partners.parent_order_key
            and bought.product_category <> partners.product_category
    group by bought.product_category, partners.product_category

),

measured as (

    select
        pairs.product_category,
        pairs.partner_category,
        pairs.pair_count,
        category_counts.basket_count as category_basket_count,
        cast(pairs.pair_count as numeric(38, 10)) / basket_total.basket_count
            as support_rate,
        cast(pairs.pair_count as numeric(38, 10)) / category_counts.basket_count
            as confidence_rate,
        cast(pairs.pair_count as numeric(38, 10)) * basket_total.basket_count
        / (category_counts.basket_count * partner_counts.basket_count) as lift
    from pairs
    inner join category_counts
        on pairs.product_category = category_counts.product_category
    inner join category_counts as partner_counts
        on pairs.partner_category = partner_counts.product_category
    cross join basket_total

),

final as (

    select
        measured.product_category,
        measured.partner_category,
        measured.category_basket_count,
        measured.pair_count,
        cast(measured.support_rate as numeric(9, 6)) as support_rate,
        cast(measured.confidence_rate as numeric(9, 4)) as confidence_rate,
        cast(measured.lift as numeric(18, 4)) as lift
    from measured
    cross join rules
    where
        measured.pair_count >= rules.min_pair_count
        and measured.support_rate >= rules.min_support
        and measured.confidence_rate >= rules.min_confidence
        and measured.lift >= rules.min_lift

)

select * from final
