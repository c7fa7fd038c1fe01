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

ranked_steps as (

    select
        customer_id,
        channel_code,
        coupon_id,
        action,
        order_key,
        max(valid_from) over (partition by channel_code, coupon_id) as valid_from,
        max(valid_to) over (partition by channel_code, coupon_id) as valid_to,
        row_number() over (
            partition by channel_code, coupon_id
            order by occurred_at desc, coupon_event_key desc
        ) as step_number
    from steps

),

-- In hand: claimed, or given back. A cancelled order gives its coupon back, even
-- when the channel does not write it down.
coupons_in_hand as (

    select ranked_steps.*
    from ranked_steps
    left join cancelled_orders
        on ranked_steps.order_key = cancelled_orders.order_key
    where
        ranked_steps.step_number = 1
        and (
            ranked_steps.action in ('claim', 'return')
            or (
                ranked_steps.action = 'use'
                and cancelled_orders.order_key is not null
            )
        )

),

coupon_summary as (

    select
        customer_id,
        count(*) as expiring_count
    from coupons_in_hand
    where
        valid_to > {{ as_of_date() }}
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
