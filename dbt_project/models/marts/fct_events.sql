-- Behaviour outside orders, and joining a programme. One row per event.

with

events as (

    select * from {{ ref('int_events__unioned') }}

),

records as (

    select * from {{ ref('oneid_records') }}

),

codes as (

    select * from {{ ref('int_products__codes') }}

),

final as (

    select
        events.event_key,
        events.record_key,
        records.customer_id,
        events.channel_code,
        events.shop_code,
        events.event_type,
        events.occurred_at,
        events.occurred_on,
        codes.product_key,
        events.quantity,
        events.keyword
    from events
    left join records on events.record_key = records.record_key
    left join codes on events.product_code_key = codes.product_code_key

)

select * from final
