-- Contents (notes, videos, live sessions) of all channels in one shape. One row per
-- content.

with

unioned as (

    select
        content_key,
        channel_code,
        shop_code,
        content_id,
        content_type,
        title,
        topic,
        author_id,
        author_name,
        author_type,
        item_code_raw,
        published_at,
        ended_at
    from {{ ref('stg_douyin__contents') }}

    union all

    select
        content_key,
        channel_code,
        shop_code,
        content_id,
        content_type,
        title,
        topic,
        author_id,
        author_name,
        author_type,
        item_code_raw,
        published_at,
        ended_at
    from {{ ref('stg_xiaohongshu__notes') }}

    union all

    select
        content_key,
        channel_code,
        shop_code,
        content_id,
        content_type,
        title,
        topic,
        author_id,
        author_name,
        author_type,
        item_code_raw,
        published_at,
        ended_at
    from {{ ref('stg_kuaishou__lives') }}

),

final as (

    select
        *,
        {{ bigint_key(['channel_code', "'merchant'", 'item_code_raw']) }}
            as product_code_key,
        {{ local_date('published_at') }} as published_on
    from unioned

)

select * from final
