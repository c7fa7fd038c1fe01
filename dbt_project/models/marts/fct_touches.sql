-- Campaign sends with their receipts. One row per send.

with

touches as (

    select * from {{ ref('int_touches__unioned') }}

),

records as (

    select * from {{ ref('oneid_records') }}

),

final as (

    select
        touches.record_key as touch_key,
        touches.record_key,
        coalesce(records.customer_id, touches.customer_id) as customer_id,
        touches.channel_code,
        touches.shop_code,
        touches.campaign_code,
        touches.touch_channel,
        touches.sent_at,
        touches.sent_on,
        touches.status,
        touches.clicked_at
    from touches
    left join records on touches.record_key = records.record_key

)

select * from final
