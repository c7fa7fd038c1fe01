-- What was sold and what came back of each product, over all channels. One row per
-- product and day on which either happened.

with

lines as (

    select * from {{ ref('fct_order_lines') }}
    where product_key is not null

),

-- Goods of one line that come back in parts have come back with the last of them.
returns as (

    select
        order_line_key,
        max(completed_at) as returned_at,
        sum(refund_amount) as refund_amount,
        sum(quantity) as quantity
    from {{ ref('fct_refunds') }}
    where
        status = 'completed'
        and refund_type in ('return', 'exchange')
        and completed_on <= {{ as_of_date() }}
    group by order_line_key

),

-- One scan of the lines for both.
moves as (

    select
        lines.product_key,
        moved.is_return,
        moved.occurred_at,
        moved.amount,
        moved.quantity
    from lines
    left join returns on lines.order_line_key = returns.order_line_key
    cross join
        lateral (
            values
            (
                false,
                case when lines.is_valid_line then lines.paid_at end,
                lines.goods_amount,
                lines.quantity
            ),
            (true, returns.returned_at, returns.refund_amount, returns.quantity)
        ) as moved (is_return, occurred_at, amount, quantity)
    where moved.occurred_at is not null

),

final as (

    select
        product_key,
        {{ local_date('occurred_at') }} as occurred_on,
        min(occurred_at) filter (where not is_return) as first_sold_at,
        max(occurred_at) filter (where not is_return) as last_sold_at,
        sum(amount) filter (where not is_return) as sold_amount,
        sum(quantity) filter (where not is_return) as sold_quantity,
        min(occurred_at) filter (where is_return) as first_returned_at,
        sum(amount) filter (where is_return) as returned_amount,
        sum(quantity) filter (where is_return) as returned_quantity
    from moves
    group by product_key, {{ local_date('occurred_at') }}

)

select * from final
