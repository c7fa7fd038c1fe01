-- Sends and their receipts: the one scan of all touches. One row per customer and
-- channel of sending. Who unsubscribes has received the message; a failed send has
-- reached nobody.

with

touches as (

    select
        *,
        status in ('delivered', 'unsubscribed') as is_received,
        case when status in ('delivered', 'unsubscribed') then clicked_at end
            as answered_at,
        case
            when status in ('delivered', 'unsubscribed') and campaign_code is not null
                then sent_at
        end as campaign_received_at
    from {{ ref('fct_touches') }}
    where customer_id is not null

),

final as (

    select
        customer_id,
        touch_channel,
        count(*) filter (
            where
            is_received
            and sent_on > {{ dbt.dateadd('day', -7, as_of_date()) }}
        ) as received_count_7d,
        count(*) filter (
            where
            is_received
            and sent_on > {{ dbt.dateadd('day', -30, as_of_date()) }}
        ) as received_count_30d,
        count(*) filter (
            where
            is_received
            and sent_on > {{ dbt.dateadd('day', -180, as_of_date()) }}
        ) as received_count_180d,
        count(*) filter (
            where sent_on > {{ dbt.dateadd('day', -90, as_of_date()) }}
        ) as sent_count_90d,
        count(*) filter (
            where
            status = 'failed'
            and sent_on > {{ dbt.dateadd('day', -90, as_of_date()) }}
        ) as failed_count_90d,
        count(answered_at) filter (
            where sent_on > {{ dbt.dateadd('day', -180, as_of_date()) }}
        ) as clicked_count_180d,
        count(answered_at) filter (
            where sent_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ) as clicked_count_365d,
        count(*) filter (
            where
            status = 'unsubscribed'
            and sent_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ) as unsubscribed_count_365d,
        max(case when is_received then sent_on end) as last_received_on,
        max(answered_at) as last_clicked_at,
        max(campaign_received_at) as last_campaign_at,
        {{ max_by('campaign_code', 'campaign_received_at') }} as last_campaign_code
    from touches
    group by customer_id, touch_channel

)

select * from final
