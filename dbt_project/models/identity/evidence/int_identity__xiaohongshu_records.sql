-- What Xiaohongshu rows say about who they belong to.
-- One row per record version; the anchor ties the other identifiers.
{{ config(materialized='view') }}

with

sightings as (

    select
        record_key,
        shop_code,
        'member' as record_type,
        xhs_user_id as record_id,
        xhs_user_id,
        account_phone,
        cast(null as {{ dbt.type_string() }}) as receiver_phone,
        cast(null as {{ dbt.type_string() }}) as unverified_phone,
        observed_at
    from {{ ref('stg_xiaohongshu__members') }}
    union all
    select
        record_key,
        shop_code,
        'order' as record_type,
        order_id as record_id,
        xhs_user_id,
        null as account_phone,
        receiver_phone,
        null as unverified_phone,
        observed_at
    from {{ ref('stg_xiaohongshu__orders') }}
    union all
    select
        record_key,
        shop_code,
        'interaction' as record_type,
        interaction_id as record_id,
        xhs_user_id,
        null as account_phone,
        null as receiver_phone,
        null as unverified_phone,
        observed_at
    from {{ ref('stg_xiaohongshu__interactions') }}
    union all
    select
        record_key,
        shop_code,
        'lead' as record_type,
        lead_id as record_id,
        xhs_user_id,
        account_phone,
        null as receiver_phone,
        unverified_phone,
        observed_at
    from {{ ref('stg_xiaohongshu__leads') }}

),

-- A lead without a user id is whose its verified phone is. A phone that nobody verified
-- has the role lead, in which no type links.
final as (

    select
        record_key,
        'xiaohongshu' as channel_code,
        shop_code,
        record_type,
        record_id,
        observed_at,
        case
            when xhs_user_id is not null then 'xhs_user_id'
            when account_phone is not null then 'phone'
        end as anchor_type,
        coalesce(xhs_user_id, account_phone) as anchor_value,
        xhs_user_id,
        account_phone,
        receiver_phone,
        unverified_phone
    from sightings

)

select * from final
