-- Coupon tags. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

steps as (

    select * from {{ ref('fct_coupons') }}
    where customer_id is not null

),

cancelled_orders as (

    select * from {{ ref('fct_orders') }}
    where order_status = 'closed'

),

-- A cancelled order gives its coupon back, even when the channel does not write it
-- down.
judged_steps as (

    select
        steps.*,
        steps.action in ('claim', 'return')
        or (steps.action = 'use' and cancelled_orders.order_key is not null)
            as is_in_hand
    from steps
    left join cancelled_orders on steps.order_key = cancelled_orders.order_key

),

coupons as (

    select
        customer_id,
        is_in_hand,
        max(valid_from) over (partition by channel_code, coupon_id) as valid_from,
        max(valid_to) over (partition by channel_code, coupon_id) as valid_to,
        row_number() over (
            partition by channel_code, coupon_id
            order by occurred_at desc, coupon_event_key desc
        ) as step_number
    from judged_steps

),

coupon_summary as (

    select
        customer_id,
        count(*) as expiring_count
    from coupons
    where
        step_number = 1
        and is_in_hand
        and valid_to > {{ as_of_date() }}
        and valid_to <= {{ dbt.dateadd('day', 7, as_of_date()) }}
        and (valid_from is null or valid_from <= {{ as_of_date() }})
    group by customer_id

),

final as (

    select
        customers.customer_id,
        coalesce(coupon_summary.expiring_count, 0) as coupon_expiring_count_7d
    from customers
    left join coupon_summary on customers.customer_id = coupon_summary.customer_id

)

select * from final
