-- What a customer bought of each of the group's categories: the one scan of all order
-- lines that the category tags share. One row per customer and category.
{{ config(materialized='incremental', incremental_strategy='due_customers') }}

with

rules as (

    select * from {{ ref('preference_rules') }}
    where subject = 'category'

),

-- What belongs to no category of the group cannot be preferred.
product_categories as (

    select * from {{ ref('tags_product_profile') }}
    where product_category <> 'other'

),

products as (

    select * from {{ ref('dim_products') }}

),

private_labels as (

    select * from {{ ref('private_labels') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and customer_id is not null
        and {{ is_due('int_purchases__due') }}

),

sold_products as (

    select
        products.product_key,
        product_categories.product_category,
        private_labels.manufacturer_code is not null as is_private_label
    from products
    inner join product_categories
        on products.product_key = product_categories.product_key
    left join private_labels
        on products.manufacturer_code = private_labels.manufacturer_code

),

lines as (

    select * from {{ ref('fct_order_lines') }}
    where
        is_valid_line
        and {{ is_due('int_purchases__due') }}

),

line_summary as (

    select
        lines.order_key,
        sold_products.product_category,
        sum(lines.net_amount) as net_amount,
        coalesce(
            sum(lines.net_amount) filter (where sold_products.is_private_label), 0
        ) as private_label_amount
    from lines
    inner join sold_products on lines.product_key = sold_products.product_key
    group by lines.order_key, sold_products.product_category

),

category_orders as (

    select
        orders.customer_id,
        line_summary.product_category,
        orders.parent_order_key,
        min(orders.paid_on) as paid_on,
        sum(line_summary.net_amount) as net_amount,
        sum(line_summary.private_label_amount) as private_label_amount
    from line_summary
    inner join orders on line_summary.order_key = orders.order_key
    group by
        orders.customer_id, line_summary.product_category, orders.parent_order_key

),

weighed_orders as (

    select
        category_orders.*,
        {{ spend_weight('category_orders.paid_on', 'rules.half_life_days') }} as weight,
        category_orders.paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
            as is_within_365d
    from category_orders
    cross join rules

),

final as (

    select
        customer_id,
        product_category,
        min(paid_on) filter (where net_amount > 0) as first_paid_on,
        max(paid_on) filter (where net_amount > 0) as last_paid_on,
        count(*) filter (where is_within_365d) as order_count_365d,
        cast(
            coalesce(sum(net_amount) filter (where is_within_365d), 0)
            as numeric(18, 2)
        ) as net_amount_365d,
        cast(
            coalesce(sum(private_label_amount) filter (where is_within_365d), 0)
            as numeric(18, 2)
        ) as private_label_amount_365d,
        sum(net_amount * weight) as weighed_amount
    from weighed_orders
    group by customer_id, product_category

)

select * from final
