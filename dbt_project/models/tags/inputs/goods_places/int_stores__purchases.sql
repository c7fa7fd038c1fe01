-- Payments at the tills of the stores in the last 365 days, with the guide who served.
-- One row per parent order.

with

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and store_code is not null
        and paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}

),

final as (

    select
        parent_order_key,
        min(store_code) as store_code,
        min(staff_code) as staff_code,
        min(customer_id) as customer_id,
        min(paid_at) as paid_at,
        min(paid_on) as paid_on,
        cast(sum(goods_amount) as numeric(18, 2)) as goods_amount,
        cast(sum(net_amount) as numeric(18, 2)) as net_amount
    from orders
    group by parent_order_key

)

select * from final
