-- Contacts that people left in all channels in one shape. One row per lead.

with

unioned as (

    select
        record_key,
        channel_code,
        shop_code,
        lead_id,
        lead_source,
        status,
        is_phone_verified,
        content_id,
        ad_id,
        submitted_at,
        followed_up_at
    from {{ ref('stg_douyin__leads') }}

    union all

    select
        record_key,
        channel_code,
        shop_code,
        lead_id,
        lead_source,
        status,
        is_phone_verified,
        content_id,
        ad_id,
        submitted_at,
        followed_up_at
    from {{ ref('stg_xiaohongshu__leads') }}

),

final as (

    select
        record_key as lead_key,
        *,
        case
            when content_id is not null
                then {{ bigint_key(['channel_code', "'content'", 'content_id']) }}
        end as content_key,
        {{ local_date('submitted_at') }} as submitted_on
    from unioned

)

select * from final
