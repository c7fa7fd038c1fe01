-- Who has logged in on the devices that ads may be shown on. One row per device hash;
-- it has a customer only when nobody else was ever logged in on it.
-- A table with statistics: every exposure looks its device up in it.
{{ config(materialized='table', post_hook='analyze {{ this }}') }}

with

evidence as (

    select * from {{ ref('int_identity__evidence') }}
    where
        identifier_type in ('ad_device_hash', 'device_id')
        and anchor_key <> identifier_key

),

id_map as (

    select * from {{ ref('oneid_map') }}

),

-- The ad log hashes the device id that other channels tell as it is.
sightings as (

    select
        anchor_key,
        first_seen_at,
        last_seen_at,
        identifier_type = 'ad_device_hash' as is_on_platform,
        case
            when identifier_type = 'ad_device_hash' then value
            else {{ sha256_hex('value') }}
        end as ad_device_hash
    from evidence

),

owners as (

    select
        sightings.ad_device_hash,
        id_map.customer_id,
        bool_or(sightings.is_on_platform) as is_on_platform
    from sightings
    inner join id_map
        on
            sightings.anchor_key = id_map.identifier_key
            and (
                id_map.valid_from is null
                or sightings.last_seen_at >= id_map.valid_from
            )
            and (id_map.valid_to is null or sightings.first_seen_at < id_map.valid_to)
    group by sightings.ad_device_hash, id_map.customer_id

),

final as (

    select
        ad_device_hash,
        count(*) as customer_count,
        case when count(*) = 1 then min(customer_id) end as customer_id,
        case
            when count(*) > 1 then null
            when bool_or(is_on_platform) then 'platform_login'
            else 'device_login'
        end as match_method
    from owners
    group by ad_device_hash

)

select * from final
