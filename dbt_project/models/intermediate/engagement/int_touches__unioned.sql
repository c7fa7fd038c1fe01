-- Campaign sends of all channels in one shape. One row per send.

with

unioned as (

    select
        record_key,
        channel_code,
        shop_code,
        campaign_code,
        touch_channel,
        sent_at,
        status,
        clicked_at
    from {{ ref('stg_tmall__touches') }}

    union all

    select
        record_key,
        channel_code,
        shop_code,
        campaign_code,
        touch_channel,
        sent_at,
        status,
        clicked_at
    from {{ ref('stg_youzan__touches') }}

    union all

    select
        record_key,
        channel_code,
        shop_code,
        campaign_code,
        touch_channel,
        sent_at,
        status,
        clicked_at
    from {{ ref('stg_pos__touches') }}

    union all

    select
        record_key,
        channel_code,
        shop_code,
        campaign_code,
        touch_channel,
        sent_at,
        status,
        clicked_at
    from {{ ref('stg_wecom__touches') }}

),

final as (

    select
        *,
        {{ local_date('sent_at') }} as sent_on
    from unioned

)

select * from final
