-- What WeCom says about who its records belong to.
-- One row per record version; the anchor ties the other identifiers.
{{ config(materialized='view') }}

with

flows as (

    select
        record_key,
        shop_code,
        'relation' as record_type,
        event_id as record_id,
        wecom_external_userid,
        observed_at
    from {{ ref('stg_wecom__relations') }}
    union all
    select
        record_key,
        shop_code,
        'touch' as record_type,
        touch_id as record_id,
        wecom_external_userid,
        observed_at
    from {{ ref('stg_wecom__touches') }}
    union all
    select
        record_key,
        shop_code,
        'guide_task' as record_type,
        task_id as record_id,
        wecom_external_userid,
        observed_at
    from {{ ref('stg_wecom__guide_tasks') }}
    where wecom_external_userid is not null

),

-- A phone that a guide noted is anybody's: its role keeps it from linking.
sightings as (

    select
        record_key,
        shop_code,
        'contact' as record_type,
        wecom_external_userid as record_id,
        wecom_external_userid,
        wecom_pending_id,
        wechat_unionid,
        cast(null as {{ dbt.type_string() }}) as noted_phone,
        observed_at
    from {{ ref('stg_wecom__contacts') }}
    union all
    select
        record_key,
        shop_code,
        'contact' as record_type,
        wecom_external_userid as record_id,
        wecom_external_userid,
        null as wecom_pending_id,
        null as wechat_unionid,
        noted_phone,
        observed_at
    from {{ ref('stg_wecom__noted_phones') }}
    union all
    select
        record_key,
        shop_code,
        'id_conversion' as record_type,
        conversion_id as record_id,
        wecom_external_userid,
        wecom_pending_id,
        wechat_unionid,
        null as noted_phone,
        observed_at
    from {{ ref('stg_wecom__id_conversions') }}
    union all
    select
        record_key,
        shop_code,
        record_type,
        record_id,
        wecom_external_userid,
        null as wecom_pending_id,
        null as wechat_unionid,
        null as noted_phone,
        observed_at
    from flows

),

final as (

    select
        record_key,
        'wecom' as channel_code,
        shop_code,
        record_type,
        record_id,
        observed_at,
        case
            when wecom_external_userid is not null
                then 'wecom_external_userid'
            else 'wecom_pending_id'
        end as anchor_type,
        coalesce(wecom_external_userid, wecom_pending_id) as anchor_value,
        wecom_external_userid,
        wecom_pending_id,
        wechat_unionid,
        noted_phone
    from sightings

)

select * from final
