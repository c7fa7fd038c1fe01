-- Products looked at in the last 30 days, and whether they were bought. One row per
-- customer who looked at any.

with

events as (

    select * from {{ ref('fct_events') }}
    where
        customer_id is not null
        and event_type in ('page_view', 'product_view')
        and product_key is not null
        and occurred_on > {{ dbt.dateadd('day', -30, as_of_date()) }}

),

recent_lines as (

    select * from {{ ref('fct_order_lines') }}
    where
        is_valid_line
        and customer_id is not null
        and product_key is not null
        and paid_on > {{ dbt.dateadd('day', -30, as_of_date()) }}

),

products as (

    select * from {{ ref('tags_product_profile') }}

),

views as (

    select
        customer_id,
        product_key,
        count(*) as view_count,
        min(occurred_at) as first_viewed_at,
        max(occurred_at) as last_viewed_at
    from events
    group by customer_id, product_key

),

orders as (

    select
        customer_id,
        product_key,
        max(paid_at) as last_paid_at
    from recent_lines
    group by customer_id, product_key

),

categories_bought as (

    select distinct
        orders.customer_id,
        products.product_category
    from orders
    inner join products on orders.product_key = products.product_key

),

-- An order in any channel after the first look counts.
products_viewed as (

    select
        views.customer_id,
        count(*) as product_count,
        count(*) filter (
            where
            orders.last_paid_at is null
            or orders.last_paid_at < views.first_viewed_at
        ) as unbought_product_count
    from views
    left join orders
        on
            views.customer_id = orders.customer_id
            and views.product_key = orders.product_key
    group by views.customer_id

),

-- Of the categories nothing was bought of in these days, the one looked at most.
categories_viewed as (

    select
        views.customer_id,
        products.product_category,
        row_number() over (
            partition by views.customer_id
            order by
                sum(views.view_count) desc,
                max(views.last_viewed_at) desc,
                products.product_category asc
        ) as place
    from views
    inner join products on views.product_key = products.product_key
    left join categories_bought
        on
            views.customer_id = categories_bought.customer_id
            and products.product_category = categories_bought.product_category
    where categories_bought.customer_id is null
    group by views.customer_id, products.product_category

),

final as (

    select
        products_viewed.customer_id,
        products_viewed.product_count,
        products_viewed.unbought_product_count,
        categories_viewed.product_category as unbought_category
    from products_viewed
    left join categories_viewed
        on
            products_viewed.customer_id = categories_viewed.customer_id
            and categories_viewed.place = 1

)

select * from final
