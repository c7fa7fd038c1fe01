-- What a customer has bought, over all channels. One row per customer who has.
{{ config(materialized='view', post_hook=[]) }}

with

orders as (

    select * from {{ ref('fct_orders') }}
    where is_valid_order and customer_id is not null

),

lines as (

    select * from {{ ref('fct_order_lines') }}
    where is_valid_line and customer_id is not null

),

order_summary as (

    select
        customer_id,
        count(distinct parent_order_key) as order_count,
        sum(goods_amount) as goods_amount,
        sum(refunded_amount) as refunded_amount,
        sum(net_amount) as net_amount,
        min(paid_at) as first_order_at,
        max(paid_at) as last_order_at,
        {{ max_by('shop_code', 'paid_at') }} as last_order_shop_code,
        {{ max_by('channel_code', 'paid_at') }} as last_order_channel_code
    from orders
    group by customer_id

),

-- Few rows are left to sort once each pair is there once.
places as (

    select
        customer_id,
        channel_code,
        brand_code
    from lines
    group by customer_id, channel_code, brand_code

),

place_summary as (

    select
        customer_id,
        {{ text_list('channel_code') }} as bought_channels,
        {{ text_list('brand_code') }} as bought_brands
    from places
    group by customer_id

),

final as (

    select
        order_summary.customer_id,
        order_summary.order_count,
        order_summary.goods_amount,
        order_summary.refunded_amount,
        order_summary.net_amount,
        order_summary.first_order_at,
        order_summary.last_order_at,
        order_summary.last_order_shop_code,
        order_summary.last_order_channel_code,
        place_summary.bought_channels,
        place_summary.bought_brands
    from order_summary
    left join place_summary
        on order_summary.customer_id = place_summary.customer_id

)

select * from final
