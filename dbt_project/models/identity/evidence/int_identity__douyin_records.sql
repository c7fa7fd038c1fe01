-- What Douyin rows say about who they belong to; the ad log names no more than devices.
-- One row per record version; the anchor ties the other identifiers.
{{ config(materialized='view') }}

with

flows as (

    select
        record_key,
        shop_code,
        'points' as record_type,
        points_id as record_id,
        douyin_open_id,
        cast(null as {{ dbt.type_string() }}) as ad_device_hash,
        observed_at
    from {{ ref('stg_douyin__points') }}
    union all
    select
        record_key,
        shop_code,
        'coupon' as record_type,
        coupon_id as record_id,
        douyin_open_id,
        null as ad_device_hash,
        observed_at
    from {{ ref('stg_douyin__coupons') }}
    union all
    select
        record_key,
        shop_code,
        'review' as record_type,
        review_id as record_id,
        douyin_open_id,
        null as ad_device_hash,
        observed_at
    from {{ ref('stg_douyin__reviews') }}
    union all
    select
        record_key,
        shop_code,
        'interaction' as record_type,
        interaction_id as record_id,
        douyin_open_id,
        ad_device_hash,
        observed_at
    from {{ ref('stg_douyin__interactions') }}

),

told as (

    select
        record_key,
        shop_code,
        'member' as record_type,
        douyin_open_id as record_id,
        douyin_open_id,
        douyin_union_id,
        account_phone,
        cast(null as {{ dbt.type_string() }}) as receiver_phone,
        cast(null as {{ dbt.type_string() }}) as ad_device_hash,
        observed_at
    from {{ ref('stg_douyin__members') }}
    union all
    select
        record_key,
        shop_code,
        'order' as record_type,
        order_id as record_id,
        douyin_open_id,
        null as douyin_union_id,
        null as account_phone,
        receiver_phone,
        null as ad_device_hash,
        observed_at
    from {{ ref('stg_douyin__orders') }}
    union all
    select
        record_key,
        shop_code,
        'lead' as record_type,
        lead_id as record_id,
        douyin_open_id,
        null as douyin_union_id,
        account_phone,
        null as receiver_phone,
        null as ad_device_hash,
        observed_at
    from {{ ref('stg_douyin__leads') }}
    union all
    select
        record_key,
        shop_code,
        record_type,
        record_id,
        douyin_open_id,
        null as douyin_union_id,
        null as account_phone,
        null as receiver_phone,
        ad_device_hash,
        observed_at
    from flows

),

final as (

    select
        record_key,
        'douyin' as channel_code,
        shop_code,
        record_type,
        record_id,
        observed_at,
        case
            when douyin_open_id is not null then 'douyin_open_id'
            when account_phone is not null then 'phone'
            when ad_device_hash is not null then 'ad_device_hash'
        end as anchor_type,
        coalesce(douyin_open_id, account_phone, ad_device_hash)
            as anchor_value,
        douyin_open_id,
        douyin_union_id,
        account_phone,
        receiver_phone,
        ad_device_hash
    from told

)

select * from final
