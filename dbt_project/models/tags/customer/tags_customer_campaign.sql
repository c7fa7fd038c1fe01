-- Campaign tags: touches, clicks, answers, ads. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

touches as (

    select * from {{ ref('int_campaign__touches') }}

),

answers as (

    select * from {{ ref('int_campaign__answers') }}

),

touch_summary as (

    select
        customer_id,
        sum(received_count_7d) as received_count_7d,
        sum(received_count_30d) as received_count_30d,
        sum(received_count_30d) filter (where touch_channel = 'sms') as sms_count_30d,
        sum(received_count_30d) filter (where touch_channel = 'wechat')
            as wechat_count_30d,
        sum(received_count_30d) filter (where touch_channel = 'wecom')
            as wecom_count_30d,
        sum(received_count_180d) as received_count_180d,
        sum(sent_count_90d) as sent_count_90d,
        sum(failed_count_90d) as failed_count_90d,
        sum(clicked_count_180d) as clicked_count_180d,
        sum(unsubscribed_count_365d) as unsubscribed_count_365d,
        max(last_received_on) as last_received_on,
        {{ local_date('max(last_clicked_at)') }} as last_clicked_on,
        {{ max_by('last_campaign_code', 'last_campaign_at') }} as last_campaign_code
    from touches
    group by customer_id

),

-- The channel whose messages are clicked most; ties to the latest click.
best_channels as (

    select
        customer_id,
        touch_channel,
        row_number() over (
            partition by customer_id
            order by
                clicked_count_365d desc,
                last_clicked_at desc,
                touch_channel asc
        ) as place
    from touches
    where clicked_count_365d > 0

),

-- Ads of people whose device nobody else uses.
ads as (

    select
        customer_id,
        count(*) filter (
            where
            action = 'impression'
            and occurred_on > {{ dbt.dateadd('day', -90, as_of_date()) }}
        ) as exposure_count_90d,
        count(*) filter (
            where
            action = 'click'
            and occurred_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ) as click_count_365d,
        max(occurred_on) as last_ad_on
    from {{ ref('fct_ad_exposures') }}
    where customer_id is not null
    group by customer_id

),

final as (

    select
        customers.customer_id,
        cast(coalesce(touch_summary.received_count_7d, 0) as bigint)
            as campaign_touch_count_7d,
        cast(coalesce(touch_summary.received_count_30d, 0) as bigint)
            as campaign_touch_count_30d,
        cast(coalesce(touch_summary.sms_count_30d, 0) as bigint)
            as campaign_sms_count_30d,
        cast(coalesce(touch_summary.wechat_count_30d, 0) as bigint)
            as campaign_wechat_count_30d,
        cast(coalesce(touch_summary.wecom_count_30d, 0) as bigint)
            as campaign_wecom_count_30d,
        cast(
            1.0 * touch_summary.failed_count_90d
            / nullif(touch_summary.sent_count_90d, 0) as numeric(9, 4)
        ) as campaign_failed_rate_90d,
        cast(
            1.0 * touch_summary.clicked_count_180d
            / nullif(touch_summary.received_count_180d, 0) as numeric(9, 4)
        ) as campaign_click_rate_180d,
        {{ dbt.datediff('touch_summary.last_received_on', as_of_date(), 'day') }}
            as campaign_days_since_last_touch,
        {{ dbt.datediff('touch_summary.last_clicked_on', as_of_date(), 'day') }}
            as campaign_days_since_last_click,
        best_channels.touch_channel as campaign_best_channel_365d,
        coalesce(touch_summary.unsubscribed_count_365d, 0) > 0
            as campaign_has_unsubscribed_365d,
        touch_summary.last_campaign_code as campaign_last_campaign_code,
        coalesce(answers.order_count_90d, 0) as campaign_answered_order_count_90d,
        cast(coalesce(answers.net_amount_90d, 0) as numeric(18, 2))
            as campaign_answered_net_amount_90d,
        coalesce(ads.exposure_count_90d, 0) as campaign_ad_exposure_count_90d,
        coalesce(ads.click_count_365d, 0) as campaign_ad_click_count_365d,
        ads.last_ad_on as campaign_last_ad_on
    from customers
    left join touch_summary on customers.customer_id = touch_summary.customer_id
    left join best_channels
        on
            customers.customer_id = best_channels.customer_id
            and best_channels.place = 1
    left join answers on customers.customer_id = answers.customer_id
    left join ads on customers.customer_id = ads.customer_id

)

select * from final
