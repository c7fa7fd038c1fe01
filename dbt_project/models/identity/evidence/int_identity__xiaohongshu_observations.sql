-- What Xiaohongshu rows say about who they belong to.
-- One row per record version, identifier and role; the anchor ties the others.
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
        sightings.record_key,
        'xiaohongshu' as channel_code,
        sightings.shop_code,
        sightings.record_type,
        sightings.record_id,
        sightings.observed_at,
        case
            when sightings.xhs_user_id is not null then 'xhs_user_id'
            when sightings.account_phone is not null then 'phone'
        end as anchor_type,
        coalesce(sightings.xhs_user_id, sightings.account_phone) as anchor_value,
        seen.identifier_type,
        seen.role,
        seen.value
    from sightings
    cross join
        lateral (
            values
            ('xhs_user_id', 'account', sightings.xhs_user_id),
            ('phone', 'account', sightings.account_phone),
            ('phone', 'receiver', sightings.receiver_phone),
            ('phone', 'lead', sightings.unverified_phone)
        ) as seen (identifier_type, role, value)
    where seen.value is not null

)

select * from final
