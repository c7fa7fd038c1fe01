-- The lives of goods and places: what happened to products, stores and guides. One row
-- per event.

with

events as (

    select * from {{ ref('fct_product_events') }}
    union all
    select * from {{ ref('fct_store_events') }}
    union all
    select * from {{ ref('fct_guide_events') }}

),

types as (

    select * from {{ ref('entity_event_types') }}

),

final as (

    select
        {{ bigint_key([
            'events.entity_type', 'events.entity_key', 'events.event_type',
            'events.occurred_at', 'events.detail',
        ]) }} as event_key,
        events.entity_type,
        events.entity_key,
        events.event_type,
        types.name_zh as event_name,
        events.occurred_at,
        {{ local_date('events.occurred_at') }} as occurred_on,
        events.amount,
        events.former_amount,
        events.quantity,
        events.detail
    from events
    left join types
        on
            events.entity_type = types.entity_type
            and events.event_type = types.event_type

)

select * from final
