-- Everything that happened with a customer, over all facts. One row per customer and
-- event. A view without a window or a join that could keep the customer's filter from
-- reaching the facts: asked for one customer, it reads that customer's rows.
{{ config(materialized='view', post_hook=[]) }}

with

events as (

    select * from {{ ref('mart_customer_timeline_trade') }}
    union all
    select * from {{ ref('mart_customer_timeline_contact') }}
    union all
    select * from {{ ref('mart_customer_timeline_social') }}

),

types as (

    select * from {{ ref('timeline_event_types') }}

),

final as (

    select
        events.customer_id,
        events.occurred_at,
        {{ local_date('events.occurred_at') }} as occurred_on,
        events.event_type,
        events.channel_code,
        events.shop_code,
        events.subject_key,
        coalesce(types.name_zh, events.event_type)
        || coalesce('：' || nullif(events.detail, ''), '') as title,
        events.amount
    from events
    left join types on events.event_type = types.event_type
    where events.customer_id is not null

)

select * from final
