-- What Youzan rows say about who they belong to.
-- One row per record version; the anchor ties the other identifiers.
{{ config(materialized='view') }}

with

flows as (

    select
        record_key,
        shop_code,
        'points' as record_type,
        points_id as record_id,
        yz_open_id,
        observed_at
    from {{ ref('stg_youzan__points') }}
    union all
    select
        record_key,
        shop_code,
        'coupon' as record_type,
        coupon_id as record_id,
        yz_open_id,
        observed_at
    from {{ ref('stg_youzan__coupons') }}
    union all
    select
        record_key,
        shop_code,
        'touch' as record_type,
        touch_id as record_id,
        yz_open_id,
        observed_at
    from {{ ref('stg_youzan__touches') }}
    union all
    select
        record_key,
        shop_code,
        'consent' as record_type,
        consent_id as record_id,
        yz_open_id,
        observed_at
    from {{ ref('stg_youzan__consents') }}

),

sightings as (

    select
        record_key,
        shop_code,
        'member' as record_type,
        yz_open_id as record_id,
        yz_open_id,
        wechat_openid,
        wechat_unionid,
        account_phone,
        cast(null as {{ dbt.type_string() }}) as receiver_phone,
        email,
        cast(null as {{ dbt.type_string() }}) as device_id,
        observed_at
    from {{ ref('stg_youzan__members') }}
    union all
    select
        record_key,
        shop_code,
        'order' as record_type,
        order_id as record_id,
        yz_open_id,
        wechat_openid,
        wechat_unionid,
        account_phone,
        receiver_phone,
        null as email,
        null as device_id,
        observed_at
    from {{ ref('stg_youzan__orders') }}
    union all
    select
        record_key,
        shop_code,
        'event' as record_type,
        event_id as record_id,
        yz_open_id,
        wechat_openid,
        wechat_unionid,
        null as account_phone,
        null as receiver_phone,
        null as email,
        device_id,
        observed_at
    from {{ ref('stg_youzan__events') }}
    union all
    select
        record_key,
        shop_code,
        record_type,
        record_id,
        yz_open_id,
        null as wechat_openid,
        null as wechat_unionid,
        null as account_phone,
        null as receiver_phone,
        null as email,
        null as device_id,
        observed_at
    from flows

),

final as (

    select
        record_key,
        'youzan' as channel_code,
        shop_code,
        record_type,
        record_id,
        observed_at,
        case
            when yz_open_id is not null then 'yz_open_id'
            when wechat_openid is not null then 'wechat_openid'
            when wechat_unionid is not null then 'wechat_unionid'
            when account_phone is not null then 'phone'
            when device_id is not null then 'device_id'
        end as anchor_type,
        coalesce(
            yz_open_id, wechat_openid, wechat_unionid, account_phone, device_id
        ) as anchor_value,
        yz_open_id,
        wechat_openid,
        wechat_unionid,
        account_phone,
        receiver_phone,
        email,
        device_id
    from sightings

)

select * from final
