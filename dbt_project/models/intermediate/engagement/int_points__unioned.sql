-- Points entries of all programmes in one shape. One row per entry.

with

unioned as (

    select
        record_key,
        channel_code,
        shop_code,
        entry_type,
        points,
        order_id,
        expires_on,
        occurred_at
    from {{ ref('stg_tmall__points') }}

    union all

    select
        record_key,
        channel_code,
        shop_code,
        entry_type,
        points,
        order_id,
        expires_on,
        occurred_at
    from {{ ref('stg_youzan__points') }}

    union all

    select
        record_key,
        channel_code,
        shop_code,
        entry_type,
        points,
        order_id,
        expires_on,
        occurred_at
    from {{ ref('stg_pos__points') }}

    union all

    select
        record_key,
        channel_code,
        shop_code,
        entry_type,
        points,
        order_id,
        expires_on,
        occurred_at
    from {{ ref('stg_douyin__points') }}

),

final as (

    select
        *,
        case
            when order_id is not null
                then {{ bigint_key(['channel_code', "'order'", 'order_id']) }}
        end as order_key,
        {{ local_date('occurred_at') }} as occurred_on
    from unioned

)

select * from final
