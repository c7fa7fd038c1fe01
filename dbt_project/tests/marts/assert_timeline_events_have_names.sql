-- What a customer's timeline shows has a Chinese name.
-- A warning: until the seed knows a new type, the timeline shows its code.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'fct_orders'}}}) }}

with

told as (

    select distinct event_type from {{ ref('mart_customer_timeline_trade') }}
    union
    select distinct event_type from {{ ref('mart_customer_timeline_contact') }}
    union
    select distinct event_type from {{ ref('mart_customer_timeline_social') }}

)

select told.event_type
from told
left join {{ ref('timeline_event_types') }} as named
    on told.event_type = named.event_type
where named.event_type is null
