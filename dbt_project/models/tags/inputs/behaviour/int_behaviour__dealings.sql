-- What people bought, said and asked for, in the columns that rules of behaviour tags
-- may name. One row per event. A view: what no rule asks for is never copied.
{{ config(materialized='view', post_hook=[]) }}

select
    customer_id,
    'order_paid' as event_type,
    channel_code,
    cast(null as text) as shop_code,
    cast(null as text) as brand_code,
    cast(null as bigint) as product_key,
    cast(null as bigint) as content_key,
    cast(null as text) as keyword,
    cast(null as text) as detail,
    cast(null as numeric(18, 3)) as quantity,
    net_amount as amount,
    cast(null as integer) as rating,
    cast(null as numeric(18, 0)) as seconds,
    paid_at as occurred_at,
    paid_on as occurred_on
from {{ ref('int_purchases__orders') }}

union all

select
    customer_id,
    'product_bought' as event_type,
    channel_code,
    shop_code,
    brand_code,
    product_key,
    null as content_key,
    null as keyword,
    null as detail,
    quantity,
    net_amount as amount,
    null as rating,
    null as seconds,
    paid_at as occurred_at,
    paid_on as occurred_on
from {{ ref('fct_order_lines') }}
where is_valid_line

union all

select
    customer_id,
    'review_written' as event_type,
    channel_code,
    shop_code,
    null as brand_code,
    product_key,
    null as content_key,
    null as keyword,
    null as detail,
    null as quantity,
    null as amount,
    rating,
    null as seconds,
    reviewed_at as occurred_at,
    reviewed_on as occurred_on
from {{ ref('fct_reviews') }}

union all

select
    customer_id,
    'lead_left' as event_type,
    channel_code,
    shop_code,
    null as brand_code,
    null as product_key,
    content_key,
    null as keyword,
    lead_source as detail,
    null as quantity,
    null as amount,
    null as rating,
    null as seconds,
    submitted_at as occurred_at,
    submitted_on as occurred_on
from {{ ref('fct_leads') }}

union all

select
    customer_id,
    'case_opened' as event_type,
    channel_code,
    shop_code,
    null as brand_code,
    product_key,
    null as content_key,
    null as keyword,
    case_type as detail,
    null as quantity,
    null as amount,
    null as rating,
    null as seconds,
    opened_at as occurred_at,
    opened_on as occurred_on
from {{ ref('fct_service_cases') }}

union all

select
    customer_id,
    'coupon_' || action as event_type,
    channel_code,
    shop_code,
    null as brand_code,
    null as product_key,
    null as content_key,
    null as keyword,
    null as detail,
    null as quantity,
    face_amount as amount,
    null as rating,
    null as seconds,
    occurred_at,
    occurred_on
from {{ ref('fct_coupons') }}
