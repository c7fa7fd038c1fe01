-- What Tmall rows say about who they belong to.
-- One row per record version; the anchor ties the other identifiers.
{{ config(materialized='view') }}

with

flows as (

    select
        record_key,
        shop_code,
        'points' as record_type,
        points_id as record_id,
        tmall_ouid,
        observed_at
    from {{ ref('stg_tmall__points') }}
    union all
    select
        record_key,
        shop_code,
        'coupon' as record_type,
        coupon_id as record_id,
        tmall_ouid,
        observed_at
    from {{ ref('stg_tmall__coupons') }}
    union all
    select
        record_key,
        shop_code,
        'touch' as record_type,
        touch_id as record_id,
        tmall_ouid,
        observed_at
    from {{ ref('stg_tmall__touches') }}
    union all
    select
        record_key,
        shop_code,
        'review' as record_type,
        review_id as record_id,
        tmall_ouid,
        observed_at
    from {{ ref('stg_tmall__reviews') }}

),

sightings as (

    select
        record_key,
        shop_code,
        'member' as record_type,
        tmall_ouid as record_id,
        tmall_ouid,
        tmall_omid,
        account_phone,
        cast(null as {{ dbt.type_string() }}) as receiver_phone,
        observed_at
    from {{ ref('stg_tmall__members') }}
    union all
    select
        record_key,
        shop_code,
        'order' as record_type,
        order_id as record_id,
        tmall_ouid,
        null as tmall_omid,
        null as account_phone,
        receiver_phone,
        observed_at
    from {{ ref('stg_tmall__orders') }}
    union all
    select
        record_key,
        shop_code,
        record_type,
        record_id,
        tmall_ouid,
        null as tmall_omid,
        null as account_phone,
        null as receiver_phone,
        observed_at
    from flows

),

final as (

    select
        record_key,
        'tmall' as channel_code,
        shop_code,
        record_type,
        record_id,
        observed_at,
        'tmall_ouid' as anchor_type,
        tmall_ouid as anchor_value,
        tmall_ouid,
        tmall_omid,
        account_phone,
        receiver_phone
    from sightings

)

select * from final
