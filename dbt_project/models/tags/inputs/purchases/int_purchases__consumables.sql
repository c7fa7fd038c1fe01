-- Bought and kept products that are used up, staged or given away: bundles taken apart,
-- gifts counted, returns off. One row per order line and part of the product.

with

products as (

    select * from {{ ref('dim_products') }}

),

product_tags as (

    select * from {{ ref('tags_product_profile') }}

),

bundles as (

    select * from {{ ref('product_bundles') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and customer_id is not null

),

returns as (

    select
        order_line_key,
        sum(quantity) as returned_quantity
    from {{ ref('fct_refunds') }}
    where
        refund_type = 'return'
        and status = 'completed'
    group by order_line_key

),

-- What is in each product: the parts of a bundle, else the product itself.
parts as (

    select
        products.product_key,
        coalesce(part_products.product_key, products.product_key) as part_product_key,
        coalesce(bundles.quantity, 1) as part_quantity,
        coalesce(part_products.category, products.category) as category,
        coalesce(part_products.brand_code, products.brand_code) as brand_code
    from products
    left join bundles on products.item_code = bundles.bundle_item_code
    left join products as part_products
        on bundles.item_code = part_products.item_code

),

wanted_parts as (

    select
        parts.product_key,
        parts.part_quantity,
        sold.product_is_gift_set,
        parts.category,
        parts.brand_code,
        used.product_category,
        used.product_consumption_days,
        used.product_formula_stage
    from parts
    inner join product_tags as sold on parts.product_key = sold.product_key
    inner join product_tags as used on parts.part_product_key = used.product_key
    where
        sold.product_is_gift_set
        or used.product_consumption_days is not null
        or used.product_formula_stage is not null

),

lines as (

    select * from {{ ref('fct_order_lines') }}
    where line_type in ('sale', 'gift')

),

final as (

    select
        orders.customer_id,
        orders.parent_order_key,
        orders.paid_on,
        lines.order_line_key,
        lines.line_type,
        wanted_parts.product_is_gift_set,
        wanted_parts.category,
        wanted_parts.brand_code,
        wanted_parts.product_category,
        wanted_parts.product_consumption_days,
        wanted_parts.product_formula_stage,
        cast(
            (lines.quantity - coalesce(returns.returned_quantity, 0))
            * wanted_parts.part_quantity as numeric(18, 3)
        ) as kept_quantity
    from lines
    inner join wanted_parts on lines.product_key = wanted_parts.product_key
    inner join orders on lines.order_key = orders.order_key
    left join returns on lines.order_line_key = returns.order_line_key
    where lines.quantity > coalesce(returns.returned_quantity, 0)

)

select * from final
