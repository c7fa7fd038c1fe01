{{ config(meta={'segment': {
    'name_zh': '双11尾款待付',
    'description': 'Deposit of a pre-sale paid, its balance still open.',
    'kind': 'events',
    'owner': 'marketing',
    'refresh': 'daily',
    'expected_size': [0, 800],
    'play': 'Service message, not marketing',
    'kpi': 'Payment rate',
}}) }}

select customer_id
from {{ ref('customer_tags_wide') }}
where
    promotion_unpaid_presale_count >= 1
