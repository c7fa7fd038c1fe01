-- What Kuaishou rows say about who they belong to.
-- One row per record version, identifier and role; the anchor ties the others.
{{ config(materialized='view') }}

with

sightings as (

    select
        record_key,
        shop_code,
        'member' as record_type,
        kuaishou_open_id as record_id,
        kuaishou_open_id,
        account_phone,
        cast(null as {{ dbt.type_string() }}) as receiver_phone,
        observed_at
    from {{ ref('stg_kuaishou__members') }}
    union all
    select
        record_key,
        shop_code,
        'order' as record_type,
        order_id as record_id,
        kuaishou_open_id,
        null as account_phone,
        receiver_phone,
        observed_at
    from {{ ref('stg_kuaishou__orders') }}
    union all
    select
        record_key,
        shop_code,
        'interaction' as record_type,
        interaction_id as record_id,
        kuaishou_open_id,
        null as account_phone,
        null as receiver_phone,
        observed_at
    from {{ ref('stg_kuaishou__interactions') }}

),

final as (

    select
        sightings.record_key,
        'kuaishou' as channel_code,
        sightings.shop_code,
        sightings.record_type,
        sightings.record_id,
        sightings.observed_at,
        'kuaishou_open_id' as anchor_type,
        sightings.kuaishou_open_id as anchor_value,
        seen.identifier_type,
        seen.role,
        seen.value
    from sightings
    cross join
        lateral (
            values
            ('kuaishou_open_id', 'account', sightings.kuaishou_open_id),
            ('phone', 'account', sightings.account_phone),
            ('phone', 'receiver', sightings.receiver_phone)
        ) as seen (identifier_type, role, value)
    where seen.value is not null

)

select * from final
