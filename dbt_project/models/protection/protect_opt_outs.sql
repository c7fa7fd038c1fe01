-- Who has told a company to stop on a channel, and has not agreed again since: by its
-- unsubscribe, or by an answer to a message (回T). One row per customer, channel and
-- company; that is null when the shop is unknown, which then means all of them.

with

unsubscribed as (

    select
        touches.customer_id,
        channels.contact_channel,
        shops.legal_entity,
        touches.sent_at as occurred_at
    from {{ ref('fct_touches') }} as touches
    inner join {{ ref('touch_channels') }} as channels
        on touches.touch_channel = channels.touch_channel
    left join {{ ref('dim_shops') }} as shops on touches.shop_code = shops.shop_code
    where touches.status = 'unsubscribed' and touches.customer_id is not null

),

replied as (

    select
        replies.customer_id,
        replies.contact_channel,
        syncs.spec -> 'consent' ->> 'legal_entity' as legal_entity,
        replies.received_at as occurred_at
    from {{ source('activation', 'replies') }} as replies
    inner join {{ ref('opt_out_replies') }} as words
        on upper(regexp_replace(replies.body, '\s', '', 'g')) = words.body
    left join {{ source('activation', 'syncs') }} as syncs
        on replies.sync_id = syncs.sync_id

),

latest as (

    select
        customer_id,
        contact_channel,
        legal_entity,
        max(occurred_at) as occurred_at
    from (
        select * from unsubscribed
        union all
        select * from replied
    ) as told
    group by customer_id, contact_channel, legal_entity

),

agreed as (

    select
        customer_id,
        contact_channel,
        legal_entity,
        max(occurred_at) as occurred_at
    from {{ ref('fct_consents') }}
    where purpose = 'marketing' and status = 'granted'
    group by customer_id, contact_channel, legal_entity

),

final as (

    select
        latest.customer_id,
        latest.contact_channel,
        latest.legal_entity,
        latest.occurred_at
    from latest
    left join agreed
        on
            latest.customer_id = agreed.customer_id
            and latest.contact_channel = agreed.contact_channel
            and latest.legal_entity = agreed.legal_entity
            and latest.occurred_at < agreed.occurred_at
    where agreed.customer_id is null

)

select * from final
