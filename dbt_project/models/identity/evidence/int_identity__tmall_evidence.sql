-- Which identifiers the records of Tmall show together, and when.
-- One row per shop, record type, anchor, set of identifiers and one of the set.
{{ config(materialized='view') }}

with

records as (

    select * from {{ ref('int_identity__tmall_records') }}

),

-- Summed up before identifiers become rows: many records of a person show the same few.
summed as (

    select
        shop_code,
        record_type,
        anchor_type,
        anchor_value,
        tmall_ouid,
        tmall_omid,
        account_phone,
        receiver_phone,
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
        tmall_ouid,
        tmall_omid,
        account_phone,
        receiver_phone

),

final as (

    select
        'tmall' as channel_code,
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
            ('tmall_ouid', 'account', summed.tmall_ouid),
            ('tmall_omid', 'account', summed.tmall_omid),
            ('phone', 'account', summed.account_phone),
            ('phone', 'receiver', summed.receiver_phone)
        ) as seen (identifier_type, role, value)
    where seen.value is not null

)

select * from final
