-- Which items go together in one basket (交叉销售): association rules between the top
-- products (seed affinity_rules) over the baskets of the last 365 days. One row per
-- rule "who buys this, buys that".

with

rules as (

    select * from {{ ref('cross_sell_rules') }}
    where grain = 'product'

),

basket_total as (

    select count(distinct parent_order_key) as basket_count
    from {{ ref('int_products__baskets') }}

),

pairs as (

    select * from {{ ref('int_products__pairs') }}

),

products as (

    select * from {{ ref('dim_products') }}

),

measured as (

    select
        pairs.*,
        cast(pairs.pair_count as numeric(38, 10)) / basket_total.basket_count
            as support_rate,
        cast(pairs.pair_count as numeric(38, 10)) / pairs.product_count
            as confidence_rate
    from pairs
    cross join basket_total

),

final as (

    select
        products.item_code,
        products.name,
        partner_products.item_code as partner_item_code,
        partner_products.name as partner_name,
        measured.product_count as product_basket_count,
        measured.pair_count,
        cast(measured.support_rate as numeric(9, 6)) as support_rate,
        cast(measured.confidence_rate as numeric(9, 4)) as confidence_rate,
        cast(measured.lift as numeric(18, 4)) as lift
    from measured
    inner join products on measured.product_key = products.product_key
    inner join products as partner_products
        on measured.partner_key = partner_products.product_key
    cross join rules
    where
        measured.pair_count >= rules.min_pair_count
        and measured.support_rate >= rules.min_support
        and measured.confidence_rate >= rules.min_confidence
        and measured.lift >= rules.min_lift

)

select * from final
