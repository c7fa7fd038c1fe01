-- Order lines of all channels. One row per channel order line.

with

lines as (

    select * from {{ ref('int_order_lines__unioned') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

codes as (

    select * from {{ ref('int_products__codes') }}

),

products as (

    select * from {{ ref('dim_products') }}

),

refund_summary as (

    select
        order_line_key,
        sum(refund_amount) as refunded_amount
    from {{ ref('fct_refunds') }}
    where status = 'completed' and completed_on <= {{ as_of_date() }}
    group by order_line_key

),

-- What a line is: a zero line of quantity zero was voided at the till, with a quantity
-- it is a gift; money without quantity corrects a price.
typed as (

    select
        lines.*,
        orders.customer_id,
        orders.store_code,
        orders.paid_at,
        orders.paid_on,
        orders.is_valid_order,
        case
            when orders.order_type in ('exchange', 'reshipment') then orders.order_type
            when lines.goods_amount = 0 and lines.quantity = 0 then 'void'
            when lines.goods_amount = 0 then 'gift'
            when lines.quantity = 0 then 'adjustment'
            else 'sale'
        end as line_type
    from lines
    inner join orders on lines.order_key = orders.order_key

),

final as (

    select
        typed.order_line_key,
        typed.order_key,
        typed.customer_id,
        typed.channel_code,
        typed.shop_code,
        typed.store_code,
        coalesce(products.brand_code, '{{ var("default_brand_code") }}') as brand_code,
        codes.product_key,
        typed.product_code as item_code_raw,
        products.category,
        typed.line_id,
        typed.line_type,
        typed.quantity,
        typed.list_amount,
        typed.shop_discount_amount,
        typed.platform_discount_amount,
        typed.coupon_amount,
        typed.goods_amount,
        coalesce(refund_summary.refunded_amount, 0) as refunded_amount,
        typed.goods_amount - coalesce(refund_summary.refunded_amount, 0) as net_amount,
        typed.paid_at,
        typed.paid_on,
        typed.is_valid_order,
        typed.is_valid_order and typed.line_type in ('sale', 'adjustment')
            as is_valid_line
    from typed
    left join codes on typed.product_code_key = codes.product_code_key
    left join products on codes.product_key = products.product_key
    left join refund_summary on typed.order_line_key = refund_summary.order_line_key

)

select * from final
