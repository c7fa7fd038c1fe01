-- Orders of all channels in one shape. One row per channel order.

with

unioned as (

    select
        record_key,
        channel_code,
        shop_code,
        store_code,
        staff_code,
        order_id,
        payment_id,
        order_type,
        order_status,
        is_test,
        list_amount,
        shop_discount_amount,
        platform_discount_amount,
        coupon_amount,
        points_amount,
        freight_amount,
        tax_amount,
        goods_amount,
        paid_amount,
        deposit_amount,
        ordered_at,
        deposit_paid_at,
        paid_at,
        completed_at
    from {{ ref('int_orders__platforms') }}

    union all

    select
        record_key,
        channel_code,
        shop_code,
        store_code,
        staff_code,
        order_id,
        payment_id,
        order_type,
        order_status,
        is_test,
        list_amount,
        shop_discount_amount,
        platform_discount_amount,
        coupon_amount,
        points_amount,
        freight_amount,
        tax_amount,
        goods_amount,
        paid_amount,
        deposit_amount,
        ordered_at,
        deposit_paid_at,
        paid_at,
        completed_at
    from {{ ref('stg_youzan__orders') }}

    union all

    select
        record_key,
        channel_code,
        shop_code,
        store_code,
        staff_code,
        order_id,
        payment_id,
        order_type,
        order_status,
        is_test,
        list_amount,
        shop_discount_amount,
        platform_discount_amount,
        coupon_amount,
        points_amount,
        freight_amount,
        tax_amount,
        goods_amount,
        paid_amount,
        deposit_amount,
        ordered_at,
        deposit_paid_at,
        paid_at,
        completed_at
    from {{ ref('stg_pos__orders') }}

),

final as (

    select
        *,
        -- Orders split from one payment (拆单) are one order to the buyer.
        case
            when payment_id is null then record_key
            else {{ bigint_key(['channel_code', "'payment'", 'payment_id']) }}
        end as parent_order_key,
        {{ local_date('paid_at') }} as paid_on,
        case
            when is_test then 'test'
            when order_type in ('exchange', 'reshipment') then 'not_a_sale'
            when paid_at is null and order_status = 'closed' then 'cancelled'
            when
                order_status = 'deposit_paid'
                or (paid_at is null and deposit_paid_at is not null)
                then 'deposit_only'
            when paid_at is null or order_status = 'created' then 'unpaid'
            when goods_amount <= 0 then 'zero_value'
        end as invalid_reason
    from unioned

)

select * from final
