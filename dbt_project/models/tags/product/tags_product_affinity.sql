-- Affinity tags of products: what goes with them, who comes back for them, who comes
-- because of them. One row per product.

with

products as (

    select * from {{ ref('dim_products') }}

),

rules as (

    select * from {{ ref('share_rules') }}
    where entity = 'product'

),

partners as (

    select * from {{ ref('int_products__partners') }}

),

-- The gaps between first and last order of one buyer are one less than the orders.
buyer_summary as (

    select
        product_key,
        count(*) as buyer_count,
        count(*) filter (where order_count >= 2) as repeat_buyer_count,
        count(*) filter (where is_new_customer) as new_customer_count,
        sum(order_count - 1) as gap_count,
        sum({{ dbt.datediff('first_paid_on', 'last_paid_on', 'day') }}) as gap_days
    from {{ ref('int_products__buyers') }}
    group by product_key

),

-- What the whole basket around the product is worth.
baskets as (

    select
        purchases.product_key,
        avg(orders.net_amount) as basket_amount
    from {{ ref('int_products__purchases') }} as purchases
    inner join {{ ref('int_purchases__orders') }} as orders
        on purchases.parent_order_key = orders.parent_order_key
    group by purchases.product_key

),

final as (

    select
        products.product_key,
        partner_products.item_code as product_together_item_365d,
        partners.partner_rate as product_together_rate_365d,
        partners.partner_category as product_together_category_365d,
        cast(baskets.basket_amount as numeric(18, 2)) as product_basket_amount_365d,
        cast(case
            when buyer_summary.buyer_count >= rules.min_count
                then
                    cast(buyer_summary.repeat_buyer_count as numeric(18, 4))
                    / buyer_summary.buyer_count
        end as numeric(9, 4)) as product_repurchase_rate_365d,
        cast(case
            when buyer_summary.gap_count >= rules.min_count
                then
                    round(
                        cast(buyer_summary.gap_days as numeric(18, 4))
                        / buyer_summary.gap_count
                    )
        end as integer) as product_repurchase_gap_days_365d,
        cast(case
            when buyer_summary.buyer_count >= rules.min_count
                then
                    cast(buyer_summary.new_customer_count as numeric(18, 4))
                    / buyer_summary.buyer_count
        end as numeric(9, 4)) as product_new_customer_rate_365d
    from products
    cross join rules
    left join partners on products.product_key = partners.product_key
    left join products as partner_products
        on partners.partner_key = partner_products.product_key
    left join baskets on products.product_key = baskets.product_key
    left join buyer_summary on products.product_key = buyer_summary.product_key

)

select * from final
