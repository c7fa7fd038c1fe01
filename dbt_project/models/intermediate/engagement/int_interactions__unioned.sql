-- What people did with contents (notes, videos, live sessions) of all channels in one
-- shape. One row per interaction.

with

unioned as (

    select
        record_key,
        channel_code,
        shop_code,
        interaction_type,
        content_id,
        item_code_raw,
        scene,
        duration_seconds,
        occurred_at
    from {{ ref('stg_douyin__interactions') }}

    union all

    select
        record_key,
        channel_code,
        shop_code,
        interaction_type,
        content_id,
        item_code_raw,
        scene,
        duration_seconds,
        occurred_at
    from {{ ref('stg_xiaohongshu__interactions') }}

    union all

    select
        record_key,
        channel_code,
        shop_code,
        interaction_type,
        content_id,
        item_code_raw,
        scene,
        duration_seconds,
        occurred_at
    from {{ ref('stg_kuaishou__interactions') }}

),

final as (

    select
        record_key as interaction_key,
        *,
        case
            when content_id is not null
                then {{ bigint_key(['channel_code', "'content'", 'content_id']) }}
        end as content_key,
        case
            when item_code_raw is not null
                then {{ bigint_key(['channel_code', "'merchant'", 'item_code_raw']) }}
        end as product_code_key,
        {{ local_date('occurred_at') }} as occurred_on
    from unioned

)

select * from final
