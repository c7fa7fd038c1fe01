-- Refunds and returns of all channels. One row per refund.

with

refunds as (

    select * from {{ ref('int_refunds__unioned') }}

),

records as (

    select * from {{ ref('oneid_records') }}

),

final as (

    select
        refunds.refund_key,
        refunds.order_key,
        refunds.order_line_key,
        records.customer_id,
        refunds.channel_code,
        refunds.shop_code,
        refunds.refund_type,
        refunds.status,
        refunds.refund_amount,
        refunds.quantity,
        refunds.reason,
        refunds.applied_at,
        refunds.applied_on,
        refunds.completed_at,
        refunds.completed_on
    from refunds
    -- A refund belongs to the buyer of its order, whose key is the order's record_key.
    left join records on refunds.order_key = records.record_key

)

select * from final
