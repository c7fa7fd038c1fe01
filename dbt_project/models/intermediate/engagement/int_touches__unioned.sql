-- Campaign sends of all channels in one shape; customer_id is known of our own
-- messages, OneID knows the others by their record. One row per send.

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
        clicked_at,
        cast(null as bigint) as customer_id
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
        clicked_at,
        cast(null as bigint) as customer_id
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
        clicked_at,
        cast(null as bigint) as customer_id
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
        clicked_at,
        cast(null as bigint) as customer_id
    from {{ ref('stg_wecom__touches') }}

    union all

    select
        record_key,
        channel_code,
        cast(null as text) as shop_code,
        campaign_code,
        touch_channel,
        sent_at,
        status,
        clicked_at,
        customer_id
    from {{ ref('int_touches__messages') }}

),

final as (

    select
        *,
        {{ local_date('sent_at') }} as sent_on
    from unioned

)

select * from final
