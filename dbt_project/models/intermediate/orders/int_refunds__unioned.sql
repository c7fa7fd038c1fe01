-- Refunds of all channels in one shape. One row per channel refund.

with

unioned as (

    select
        refund_key,
        order_key,
        order_line_key,
        channel_code,
        shop_code,
        refund_id,
        refund_type,
        status,
        refund_amount,
        quantity,
        reason,
        applied_at,
        completed_at,
        updated_at
    from {{ ref('stg_tmall__refunds') }}

    union all

    select
        refund_key,
        order_key,
        order_line_key,
        channel_code,
        shop_code,
        refund_id,
        refund_type,
        status,
        refund_amount,
        quantity,
        reason,
        applied_at,
        completed_at,
        updated_at
    from {{ ref('stg_youzan__refunds') }}

    union all

    select
        refund_key,
        order_key,
        order_line_key,
        channel_code,
        shop_code,
        refund_id,
        refund_type,
        status,
        refund_amount,
        quantity,
        reason,
        applied_at,
        completed_at,
        updated_at
    from {{ ref('stg_pos__refunds') }}

    union all

    select
        refund_key,
        order_key,
        order_line_key,
        channel_code,
        shop_code,
        refund_id,
        refund_type,
        status,
        refund_amount,
        quantity,
        reason,
        applied_at,
        completed_at,
        updated_at
    from {{ ref('stg_douyin__refunds') }}

    union all

    select
        refund_key,
        order_key,
        order_line_key,
        channel_code,
        shop_code,
        refund_id,
        refund_type,
        status,
        refund_amount,
        quantity,
        reason,
        applied_at,
        completed_at,
        updated_at
    from {{ ref('stg_xiaohongshu__refunds') }}

    union all

    select
        refund_key,
        order_key,
        order_line_key,
        channel_code,
        shop_code,
        refund_id,
        refund_type,
        status,
        refund_amount,
        quantity,
        reason,
        applied_at,
        completed_at,
        updated_at
    from {{ ref('stg_kuaishou__refunds') }}

),

final as (

    select
        refund_key,
        order_key,
        order_line_key,
        channel_code,
        shop_code,
        refund_id,
        refund_type,
        status,
        refund_amount,
        quantity,
        reason,
        applied_at,
        {{ local_date('applied_at') }} as applied_on,
        -- Some exports only say that it is done: then the change that says so dates it.
        case
            when status = 'completed'
                then coalesce(completed_at, updated_at, applied_at)
        end as completed_at,
        case
            when status = 'completed'
                then {{ local_date('coalesce(completed_at, updated_at, applied_at)') }}
        end as completed_on
    from unioned

)

select * from final
