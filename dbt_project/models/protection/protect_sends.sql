-- Marketing that reached a customer, as the channels' receipts say and, until they do,
-- as our own messages say. One row per customer, channel of consent, brand and day.

with

receipts as (

    select
        touches.customer_id,
        channels.contact_channel,
        shops.brand_code,
        touches.sent_on,
        count(*) as send_count
    from {{ ref('fct_touches') }} as touches
    inner join {{ ref('touch_channels') }} as channels
        on touches.touch_channel = channels.touch_channel
    left join {{ ref('dim_shops') }} as shops on touches.shop_code = shops.shop_code
    -- Receipts of our own text messages (sms) are counted as those messages.
    where
        touches.customer_id is not null
        and touches.status <> 'failed'
        and touches.channel_code <> 'sms'
    group by
        touches.customer_id,
        channels.contact_channel,
        shops.brand_code,
        touches.sent_on

),

-- A message of unknown outcome may have arrived: it counts.
messages as (

    select
        changelog.customer_id,
        syncs.spec -> 'consent' ->> 'channel' as contact_channel,
        syncs.spec -> 'consent' ->> 'brand' as brand_code,
        runs.base_date as sent_on,
        count(*) as send_count
    from {{ source('activation', 'changelog') }} as changelog
    inner join {{ source('activation', 'syncs') }} as syncs
        on changelog.sync_id = syncs.sync_id
    inner join {{ source('activation', 'runs') }} as runs
        on changelog.run_id = runs.run_id
    where
        syncs.effect = 'message'
        and syncs.spec -> 'consent' ->> 'purpose' = 'marketing'
        and changelog.status in ('acked', 'unknown')
    group by
        changelog.customer_id,
        contact_channel,
        brand_code,
        sent_on

),

-- A receipt of a message of ours is that message, not another.
final as (

    select
        customer_id,
        contact_channel,
        brand_code,
        sent_on,
        max(send_count) as send_count
    from (
        select * from receipts
        union all
        select * from messages
    ) as told
    group by customer_id, contact_channel, brand_code, sent_on

)

select * from final
