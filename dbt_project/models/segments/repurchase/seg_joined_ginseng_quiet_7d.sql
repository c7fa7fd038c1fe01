{{ config(meta={'segment': {
    'name_zh': '入会购红参7天未复购',
    'description':
        'Joined the club, bought ginseng within a year of joining, in the last '
        '30 days, and ordered nothing in the 7 days after.',
    'kind': 'path',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [1, 300],
    'play': 'How to take it, and a refill coupon',
    'kpi': 'Second order within 30 days',
}}) }}

with

joins as (

    select
        customer_id,
        event_type,
        occurred_at
    from {{ ref('fct_events') }}
    where
        event_type = 'join'
        and customer_id is not null
        and occurred_on > {{ dbt.dateadd('day', -396, as_of_date()) }}

),

-- Ginseng orders are steps of the path; any order after one ends it.
orders as (

    select
        customer_id,
        brand_code,
        paid_at
    from {{ ref('fct_orders') }}
    where
        is_valid_order
        and customer_id is not null
        and paid_on > {{ dbt.dateadd('day', -30, as_of_date()) }}

),

events as (

    select * from joins
    union all
    select
        customer_id,
        'order' as event_type,
        paid_at as occurred_at
    from orders
    union all
    select
        customer_id,
        'ginseng_order' as event_type,
        paid_at as occurred_at
    from orders
    where brand_code = 'ginseng'

),

quiet_buyers as (

    {{ event_sequence('events', [
        {'event': 'join'},
        {'event': 'ginseng_order', 'within_days': 365},
        {'event': 'order', 'within_days': 7, 'not': true},
    ]) }}

)

select distinct customer_id
from quiet_buyers
