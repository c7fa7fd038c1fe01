{{ config(meta={'segment': {
    'name_zh': '入会7天未首购',
    'description':
        'Joined 7 to 30 days ago and did not order within 7 days of '
        'joining.',
    'kind': 'path',
    'owner': 'member_ops',
    'refresh': 'daily',
    'expected_size': [1, 200],
    'play': 'Newcomer gift',
    'kpi': 'First-order rate',
}}) }}

with

joins as (

    select * from {{ ref('fct_events') }}
    where
        event_type = 'join'
        and customer_id is not null
        and occurred_on
        between {{ dbt.dateadd('day', -30, as_of_date()) }}
        and {{ dbt.dateadd('day', -7, as_of_date()) }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where
        is_valid_order
        and customer_id is not null
        and paid_on >= {{ dbt.dateadd('day', -31, as_of_date()) }}

),

events as (

    select
        customer_id,
        'join' as event_type,
        occurred_at
    from joins
    union all
    select
        customer_id,
        'order' as event_type,
        paid_at as occurred_at
    from orders

),

joined_only as (

    {{ event_sequence('events', [
        {'event': 'join'},
        {'event': 'order', 'within_days': 7, 'not': true},
    ]) }}

)

select distinct customer_id
from joined_only
