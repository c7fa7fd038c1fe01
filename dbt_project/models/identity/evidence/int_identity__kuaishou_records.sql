-- What Kuaishou rows say about who they belong to.
-- One row per record version; the anchor ties the other identifiers.
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
        record_key,
        'kuaishou' as channel_code,
        shop_code,
        record_type,
        record_id,
        observed_at,
        'kuaishou_open_id' as anchor_type,
        kuaishou_open_id as anchor_value,
        kuaishou_open_id,
        account_phone,
        receiver_phone
    from sightings

)

select * from final
