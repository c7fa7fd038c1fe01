-- Which identifiers the records of Youzan show together, and when.
-- One row per shop, record type, anchor, set of identifiers and one of the set.
{{ config(materialized='view') }}

with

records as (

    select * from {{ ref('int_identity__youzan_records') }}

),

-- Summed up before identifiers become rows: many records of a person show the same few.
summed as (

    select
        shop_code,
        record_type,
        anchor_type,
        anchor_value,
        yz_open_id,
        wechat_openid,
        wechat_unionid,
        account_phone,
        receiver_phone,
        email,
        device_id,
        min(observed_at) as first_seen_at,
        max(observed_at) as last_seen_at,
        count(*) as record_count,
        min(record_key) as example_record_key
    from records
    where anchor_value is not null
    group by
        shop_code,
        record_type,
        anchor_type,
        anchor_value,
        yz_open_id,
        wechat_openid,
        wechat_unionid,
        account_phone,
        receiver_phone,
        email,
        device_id

),

final as (

    select
        'youzan' as channel_code,
        summed.shop_code,
        summed.record_type,
        summed.anchor_type,
        summed.anchor_value,
        seen.identifier_type,
        seen.role,
        seen.value,
        summed.first_seen_at,
        summed.last_seen_at,
        summed.record_count,
        summed.example_record_key
    from summed
    cross join
        lateral (
            values
            ('yz_open_id', 'account', summed.yz_open_id),
            ('wechat_openid', 'account', summed.wechat_openid),
            ('wechat_unionid', 'account', summed.wechat_unionid),
            ('phone', 'account', summed.account_phone),
            ('phone', 'receiver', summed.receiver_phone),
            ('email', 'account', summed.email),
            ('device_id', 'account', summed.device_id)
        ) as seen (identifier_type, role, value)
    where seen.value is not null

)

select * from final
