-- Ads shown and clicked, and to whom as far as a login tells. One row per showing or
-- click.

with

exposures as (

    select * from {{ ref('int_ad_exposures__unioned') }}

),

devices as (

    select * from {{ ref('int_ad_exposures__devices') }}

),

final as (

    select
        exposures.record_key as exposure_key,
        exposures.record_key,
        devices.customer_id,
        exposures.channel_code,
        exposures.shop_code,
        exposures.exposure_id,
        exposures.action,
        exposures.campaign_id,
        exposures.campaign_name,
        exposures.ad_id,
        exposures.placement,
        exposures.device_os,
        exposures.ad_device_hash,
        exposures.cost_amount,
        devices.match_method,
        case
            when devices.customer_id is not null then null
            when devices.customer_count > 1 then 'shared_device'
            else 'unknown_device'
        end as unmatched_reason,
        exposures.occurred_at,
        exposures.occurred_on
    from exposures
    left join devices on exposures.ad_device_hash = devices.ad_device_hash

)

select * from final
