-- What customers bought, sent back, earned and spent. One row per customer and event;
-- mart_customer_timeline names them.
{{ config(materialized='view', post_hook=[]) }}

select
    customer_id,
    coalesce(paid_at, deposit_paid_at, ordered_at) as occurred_at,
    case
        when order_type in ('exchange', 'reshipment') then 'order_' || order_type
        when is_valid_order then 'order_paid'
        else 'order_' || invalid_reason
    end as event_type,
    channel_code,
    shop_code,
    order_key as subject_key,
    order_id as detail,
    goods_amount as amount
from {{ ref('fct_orders') }}

union all

select
    customer_id,
    coalesce(completed_at, applied_at) as occurred_at,
    'refund_' || status as event_type,
    channel_code,
    shop_code,
    refund_key as subject_key,
    reason as detail,
    refund_amount as amount
from {{ ref('fct_refunds') }}

union all

select
    customer_id,
    occurred_at,
    'points_' || entry_type as event_type,
    channel_code,
    shop_code,
    points_key as subject_key,
    cast(points as {{ dbt.type_string() }}) as detail,
    null as amount
from {{ ref('fct_points') }}

union all

select
    customer_id,
    occurred_at,
    'coupon_' || action as event_type,
    channel_code,
    shop_code,
    coupon_event_key as subject_key,
    template_code as detail,
    face_amount as amount
from {{ ref('fct_coupons') }}
