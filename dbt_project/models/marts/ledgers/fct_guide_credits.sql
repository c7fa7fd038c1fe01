-- Sales credited to guides, and what refunds take back of them on the day they are paid
-- out. One row per order, and per order and day of refunds.

with

orders as (

    select * from {{ ref('fct_orders') }}
    where is_valid_order and staff_code is not null

),

refunds as (

    select * from {{ ref('fct_refunds') }}
    where status = 'completed' and completed_on <= {{ as_of_date() }}

),

refund_days as (

    select
        order_key,
        completed_on,
        sum(refund_amount) as amount
    from refunds
    group by order_key, completed_on

),

final as (

    select
        {{ bigint_key(["'sale'", 'order_key']) }} as credit_key,
        order_key,
        customer_id,
        channel_code,
        shop_code,
        store_code,
        staff_code,
        'sale' as credit_type,
        paid_on as credited_on,
        goods_amount as credit_amount
    from orders
    union all
    select
        {{ bigint_key(["'reversal'", 'orders.order_key', 'refund_days.completed_on']) }}
            as credit_key,
        orders.order_key,
        orders.customer_id,
        orders.channel_code,
        orders.shop_code,
        orders.store_code,
        orders.staff_code,
        'reversal' as credit_type,
        refund_days.completed_on as credited_on,
        cast(-refund_days.amount as numeric(18, 2)) as credit_amount
    from refund_days
    inner join orders on refund_days.order_key = orders.order_key
    where refund_days.amount <> 0

)

select * from final
