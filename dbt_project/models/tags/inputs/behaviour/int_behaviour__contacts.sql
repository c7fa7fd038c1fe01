-- What people saw and did, in the columns that rules of behaviour tags may name. One
-- row per event. A view: what no rule asks for is never copied.
{{ config(materialized='view', post_hook=[]) }}

select
    customer_id,
    'event_' || event_type as event_type,
    channel_code,
    shop_code,
    cast(null as text) as brand_code,
    product_key,
    cast(null as bigint) as content_key,
    keyword,
    cast(null as text) as detail,
    quantity,
    cast(null as numeric(18, 2)) as amount,
    cast(null as integer) as rating,
    cast(null as numeric(18, 0)) as seconds,
    occurred_at,
    occurred_on
from {{ ref('fct_events') }}

union all

select
    customer_id,
    'content_' || interaction_type as event_type,
    channel_code,
    shop_code,
    null as brand_code,
    product_key,
    content_key,
    null as keyword,
    scene as detail,
    null as quantity,
    null as amount,
    null as rating,
    duration_seconds as seconds,
    occurred_at,
    occurred_on
from {{ ref('fct_interactions') }}

union all

select
    customer_id,
    'touch_' || status as event_type,
    channel_code,
    shop_code,
    null as brand_code,
    null as product_key,
    null as content_key,
    null as keyword,
    touch_channel as detail,
    null as quantity,
    null as amount,
    null as rating,
    null as seconds,
    sent_at as occurred_at,
    sent_on as occurred_on
from {{ ref('fct_touches') }}

union all

select
    customer_id,
    'touch_clicked' as event_type,
    channel_code,
    shop_code,
    null as brand_code,
    null as product_key,
    null as content_key,
    null as keyword,
    touch_channel as detail,
    null as quantity,
    null as amount,
    null as rating,
    null as seconds,
    clicked_at as occurred_at,
    {{ local_date('clicked_at') }} as occurred_on
from {{ ref('fct_touches') }}
where status <> 'failed' and clicked_at is not null

union all

select
    customer_id,
    'ad_' || action as event_type,
    channel_code,
    shop_code,
    null as brand_code,
    null as product_key,
    null as content_key,
    null as keyword,
    placement as detail,
    null as quantity,
    cost_amount as amount,
    null as rating,
    null as seconds,
    occurred_at,
    occurred_on
from {{ ref('fct_ad_exposures') }}
