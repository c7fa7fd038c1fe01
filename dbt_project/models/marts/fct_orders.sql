-- Orders of all channels. One row per channel order; those split from one payment share
-- parent_order_key.

with

orders as (

    select * from {{ ref('int_orders__unioned') }}

),

records as (

    select * from {{ ref('oneid_records') }}

),

shops as (

    select * from {{ ref('dim_shops') }}

),

refund_summary as (

    select
        order_key,
        sum(refund_amount) as refunded_amount
    from {{ ref('fct_refunds') }}
    where status = 'completed' and completed_on <= {{ as_of_date() }}
    group by order_key

),

final as (

    select
        orders.record_key as order_key,
        orders.record_key,
        records.customer_id,
        orders.channel_code,
        orders.shop_code,
        orders.store_code,
        orders.staff_code,
        shops.brand_code,
        orders.order_id,
        orders.parent_order_key,
        orders.order_type,
        orders.order_status,
        orders.ordered_at,
        orders.deposit_paid_at,
        orders.paid_at,
        orders.paid_on,
        orders.completed_at,
        orders.list_amount,
        orders.shop_discount_amount,
        orders.platform_discount_amount,
        orders.coupon_amount,
        orders.points_amount,
        orders.freight_amount,
        orders.tax_amount,
        orders.goods_amount,
        orders.paid_amount,
        orders.deposit_amount,
        coalesce(refund_summary.refunded_amount, 0) as refunded_amount,
        orders.goods_amount - coalesce(refund_summary.refunded_amount, 0)
            as net_amount,
        orders.invalid_reason is null as is_valid_order,
        orders.invalid_reason
    from orders
    left join records on orders.record_key = records.record_key
    left join shops on orders.shop_code = shops.shop_code
    left join refund_summary on orders.record_key = refund_summary.order_key

)

select * from final
