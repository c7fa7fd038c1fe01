-- What was put into carts, and whether it was ordered since. One row per customer with
-- a cart in the last 90 days.

with

events as (

    select * from {{ ref('fct_events') }}
    where
        customer_id is not null
        and event_type in ('add_to_cart', 'remove_from_cart')
        and occurred_on > {{ dbt.dateadd('day', -90, as_of_date()) }}

),

recent_lines as (

    select * from {{ ref('fct_order_lines') }}
    where
        is_valid_line
        and customer_id is not null
        and product_key is not null
        and paid_on > {{ dbt.dateadd('day', -90, as_of_date()) }}

),

-- product_key is the group's product: an order in any channel clears the cart.
last_orders as (

    select
        customer_id,
        product_key,
        max(paid_at) as last_paid_at
    from recent_lines
    group by customer_id, product_key

),

cart_products as (

    select
        events.customer_id,
        events.product_key,
        min(case when events.event_type = 'add_to_cart' then events.occurred_at end)
            as first_added_at,
        max(last_orders.last_paid_at) as last_paid_at,
        sum(
            case when events.event_type = 'add_to_cart' then 1 else -1 end
            * coalesce(events.quantity, 1)
        ) filter (
            where
            events.occurred_on > {{ dbt.dateadd('day', -7, as_of_date()) }}
            and (
                last_orders.last_paid_at is null
                or events.occurred_at > last_orders.last_paid_at
            )
        ) as unordered_quantity_7d
    from events
    left join last_orders
        on
            events.customer_id = last_orders.customer_id
            and events.product_key = last_orders.product_key
    group by events.customer_id, events.product_key

),

final as (

    select
        customer_id,
        sum(unordered_quantity_7d) filter (where unordered_quantity_7d > 0)
            as unordered_quantity_7d,
        count(*) filter (
            where first_added_at is not null and product_key is not null
        ) as added_product_count_90d,
        count(*) filter (where last_paid_at > first_added_at)
            as ordered_product_count_90d
    from cart_products
    group by customer_id

)

select * from final
