-- Lots of earned points, in the order they end. One row per account and order (or grant
-- without an order); negative where more was taken back than the order had earned.

with

entries as (

    select * from {{ ref('fct_points') }}
    where
        customer_id is not null
        and (entry_type = 'earn' or (entry_type = 'return' and points < 0))

),

-- Points of an order that is still on its way are frozen.
open_orders as (

    select * from {{ ref('fct_orders') }}
    where order_status in ('created', 'deposit_paid', 'paid', 'shipped')

),

final as (

    select
        entries.customer_id,
        entries.channel_code,
        entries.shop_code,
        coalesce(entries.order_key, entries.points_key) as lot_key,
        max(entries.expires_on) as expires_on,
        max(entries.occurred_on) as last_entry_on,
        sum(entries.points) as points
    from entries
    left join open_orders on entries.order_key = open_orders.order_key
    where open_orders.order_key is null
    group by
        entries.customer_id,
        entries.channel_code,
        entries.shop_code,
        coalesce(entries.order_key, entries.points_key)

)

select * from final
