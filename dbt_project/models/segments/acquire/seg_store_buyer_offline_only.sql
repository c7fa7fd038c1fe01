{{ config(meta={'segment': {
    'name_zh': '门店老客未线上化',
    'description':
        'First bought at a store, bought only at stores that have a guide in '
        'the last 365 days, nothing online, and has no WeCom friend.',
    'kind': 'cross_entity',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [5, 400],
    'play': 'Guide scan code',
    'kpi': 'Share that buys online within 30 days',
}}) }}

with

store_customers as (

    select customer_id from {{ ref('customer_tags_wide') }}
    where
        channel_first_channel = 'pos'
        and not channel_is_cross_channel_365d
        and not wecom_is_friend

),

guide_stores as (

    select store_code from {{ ref('dim_stores') }}
    where has_guide

),

-- The year in which channel_is_cross_channel_365d looks.
year_orders as (

    select
        customer_id,
        store_code
    from {{ ref('fct_orders') }}
    where
        is_valid_order
        and paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}

)

select store_customers.customer_id
from store_customers
inner join year_orders
    on store_customers.customer_id = year_orders.customer_id
left join guide_stores
    on year_orders.store_code = guide_stores.store_code
group by store_customers.customer_id
having count(*) = count(guide_stores.store_code)
