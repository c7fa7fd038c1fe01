-- Behaviour tags: null for people no event channel has ever seen. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

events as (

    select * from {{ ref('fct_events') }}
    where
        customer_id is not null
        and event_type in (
            'page_view',
            'product_view',
            'add_to_cart',
            'remove_from_cart',
            'search',
            'check_in'
        )

),

recent_lines as (

    select * from {{ ref('fct_order_lines') }}
    where
        is_valid_line
        and customer_id is not null
        and product_key is not null
        and paid_on > {{ dbt.dateadd('day', -7, as_of_date()) }}

),

active_days as (

    select
        customer_id,
        count(distinct case
            when occurred_on > {{ dbt.dateadd('day', -30, as_of_date()) }}
                then occurred_on
        end) as active_days
    from events
    group by customer_id

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
        sum(
            case when events.event_type = 'add_to_cart' then 1 else -1 end
            * coalesce(events.quantity, 1)
        ) as quantity
    from events
    left join last_orders
        on
            events.customer_id = last_orders.customer_id
            and events.product_key = last_orders.product_key
    where
        events.event_type in ('add_to_cart', 'remove_from_cart')
        and events.occurred_on > {{ dbt.dateadd('day', -7, as_of_date()) }}
        and (
            last_orders.last_paid_at is null
            or events.occurred_at > last_orders.last_paid_at
        )
    group by events.customer_id, events.product_key

),

carts as (

    select
        customer_id,
        sum(quantity) as unordered_count
    from cart_products
    where quantity > 0
    group by customer_id

),

final as (

    select
        customers.customer_id,
        active_days.active_days as behaviour_active_days_30d,
        case
            when active_days.customer_id is not null
                then cast(round(coalesce(carts.unordered_count, 0)) as bigint)
        end as behaviour_cart_unordered_count_7d
    from customers
    left join active_days on customers.customer_id = active_days.customer_id
    left join carts on customers.customer_id = carts.customer_id

)

select * from final
