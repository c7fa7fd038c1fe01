-- What the members' club says about who its records belong to.
-- One row per record version; the anchor ties the other identifiers.
{{ config(materialized='view') }}

with

-- A changed binding (换绑) says as much as a profile: the old phone until then, the new
-- one from then on.
bindings as (

    select
        record_key,
        shop_code,
        change_id,
        wechat_openid,
        former_phone as account_phone,
        {{ dbt.dateadd('second', -1, 'changed_at') }} as observed_at
    from {{ ref('stg_mini_program__id_changes') }}
    union all
    select
        record_key,
        shop_code,
        change_id,
        wechat_openid,
        account_phone,
        changed_at as observed_at
    from {{ ref('stg_mini_program__id_changes') }}

),

sightings as (

    select
        record_key,
        shop_code,
        'member' as record_type,
        wechat_openid as record_id,
        wechat_openid,
        wechat_unionid,
        account_phone,
        device_id,
        observed_at
    from {{ ref('stg_mini_program__members') }}
    union all
    select
        record_key,
        shop_code,
        'id_change' as record_type,
        change_id as record_id,
        wechat_openid,
        null as wechat_unionid,
        account_phone,
        null as device_id,
        observed_at
    from bindings
    union all
    select
        record_key,
        shop_code,
        'event' as record_type,
        event_id as record_id,
        wechat_openid,
        wechat_unionid,
        null as account_phone,
        device_id,
        observed_at
    from {{ ref('stg_mini_program__events') }}
    union all
    -- Who is only named by another's record is anchored by an openid of that name.
    select
        inviter_record_key as record_key,
        shop_code,
        'inviter' as record_type,
        wechat_openid as record_id,
        inviter_openid as wechat_openid,
        null as wechat_unionid,
        null as account_phone,
        null as device_id,
        observed_at
    from {{ ref('stg_mini_program__members') }}
    where inviter_openid is not null
    union all
    select
        share_key as record_key,
        shop_code,
        'share' as record_type,
        share_id as record_id,
        sharer_openid as wechat_openid,
        null as wechat_unionid,
        null as account_phone,
        null as device_id,
        shared_at as observed_at
    from {{ ref('stg_mini_program__shares') }}
    union all
    select
        record_key,
        shop_code,
        'share_open' as record_type,
        share_id || '-' || opener_openid as record_id,
        opener_openid as wechat_openid,
        null as wechat_unionid,
        null as account_phone,
        null as device_id,
        observed_at
    from {{ ref('stg_mini_program__shares') }}
    where opener_openid is not null

),

final as (

    select
        record_key,
        'mini_program' as channel_code,
        shop_code,
        record_type,
        record_id,
        observed_at,
        case
            when wechat_openid is not null then 'wechat_openid'
            when wechat_unionid is not null then 'wechat_unionid'
            when account_phone is not null then 'phone'
            when device_id is not null then 'device_id'
        end as anchor_type,
        coalesce(
            wechat_openid, wechat_unionid, account_phone, device_id
        ) as anchor_value,
        wechat_openid,
        wechat_unionid,
        account_phone,
        device_id
    from sightings

)

select * from final
