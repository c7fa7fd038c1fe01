-- Ads shown and clicked on all platforms in one shape. One row per showing or click.
select
    record_key,
    channel_code,
    shop_code,
    exposure_id,
    action,
    ad_id,
    campaign_id,
    campaign_name,
    placement,
    ad_device_hash,
    device_os,
    cost_amount,
    occurred_at,
    {{ local_date('occurred_at') }} as occurred_on
from {{ ref('stg_douyin__ad_exposures') }}
