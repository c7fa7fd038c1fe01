-- Points that refunds take back out of what their order earned: of what the order kept
-- of its goods, it keeps the points. One row per order, pool and day of refunds.

with

earned as (

    select * from {{ ref('fct_points_earned') }}
    where points > 0

),

closed_orders as (

    select * from {{ ref('fct_orders') }}
    where order_status = 'closed' and is_valid_order

),

refunds as (

    select * from {{ ref('fct_refunds') }}
    where status = 'completed' and completed_on <= {{ as_of_date() }}

),

refund_days as (

    select
        order_key,
        completed_on as happened_on,
        sum(refund_amount) as amount
    from refunds
    group by order_key, completed_on

),

-- An order closed after it was paid earns nothing, refunded in full or not.
taken_back as (

    select
        order_key,
        happened_on,
        amount
    from refund_days
    union all
    select
        closed_orders.order_key,
        coalesce(max(refund_days.happened_on), closed_orders.paid_on) as happened_on,
        closed_orders.goods_amount as amount
    from closed_orders
    left join refund_days on closed_orders.order_key = refund_days.order_key
    group by closed_orders.order_key, closed_orders.paid_on, closed_orders.goods_amount

),

taken_days as (

    select
        order_key,
        happened_on,
        sum(amount) as amount
    from taken_back
    group by order_key, happened_on

),

kept as (

    select
        earned.order_key,
        earned.customer_id,
        earned.pool_code,
        earned.channel_code,
        earned.shop_code,
        greatest(taken_days.happened_on, earned.paid_on) as happened_on,
        earned.points,
        not earned.is_confirmed or taken_days.happened_on <= earned.confirmed_on
            as is_pending,
        floor(
            earned.points * greatest(
                earned.goods_amount - sum(taken_days.amount) over (
                    partition by earned.order_key, earned.pool_code
                    order by taken_days.happened_on
                ), 0
            ) / earned.goods_amount
        ) as kept_points
    from earned
    inner join taken_days on earned.order_key = taken_days.order_key

),

final as (

    select
        order_key,
        customer_id,
        pool_code,
        channel_code,
        shop_code,
        happened_on,
        is_pending,
        cast(
            lag(kept_points, 1, points) over (
                partition by order_key, pool_code order by happened_on
            ) - kept_points as bigint
        ) as points
    from kept

)

select * from final
where points > 0
