-- Product reviews of all channels in one shape. One row per review.

with

unioned as (

    select
        record_key,
        channel_code,
        shop_code,
        review_id,
        order_id,
        line_id,
        item_code_raw,
        rating,
        review_text,
        follow_up_text,
        reviewed_at
    from {{ ref('stg_tmall__reviews') }}

    union all

    select
        record_key,
        channel_code,
        shop_code,
        review_id,
        order_id,
        line_id,
        item_code_raw,
        rating,
        review_text,
        follow_up_text,
        reviewed_at
    from {{ ref('stg_douyin__reviews') }}

),

final as (

    select
        *,
        {{ bigint_key(['channel_code', "'order'", 'order_id']) }} as order_key,
        case
            when line_id is not null
                then {{ bigint_key(['channel_code', "'order_line'", 'line_id']) }}
        end as order_line_key,
        case
            when item_code_raw is not null
                then {{ bigint_key(['channel_code', "'merchant'", 'item_code_raw']) }}
        end as product_code_key,
        {{ local_date('reviewed_at') }} as reviewed_on
    from unioned

)

select * from final
