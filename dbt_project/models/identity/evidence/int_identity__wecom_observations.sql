-- What WeCom says about who its records belong to.
-- One row per record version, identifier and role; the anchor ties the others.
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
        sightings.record_key,
        'wecom' as channel_code,
        sightings.shop_code,
        sightings.record_type,
        sightings.record_id,
        sightings.observed_at,
        case
            when sightings.wecom_external_userid is not null
                then 'wecom_external_userid'
            else 'wecom_pending_id'
        end as anchor_type,
        coalesce(
            sightings.wecom_external_userid, sightings.wecom_pending_id
        ) as anchor_value,
        seen.identifier_type,
        seen.role,
        seen.value
    from sightings
    cross join
        lateral (
            values
            ('wecom_external_userid', 'account', sightings.wecom_external_userid),
            ('wecom_pending_id', 'account', sightings.wecom_pending_id),
            ('wechat_unionid', 'account', sightings.wechat_unionid),
            ('phone', 'guide', sightings.noted_phone)
        ) as seen (identifier_type, role, value)
    where seen.value is not null

)

select * from final
