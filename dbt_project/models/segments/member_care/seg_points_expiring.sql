{{ config(meta={'segment': {
    'name_zh': '积分临期',
    'description': '500 points or more expire within 30 days.',
    'kind': 'attributes',
    'owner': 'member_ops',
    'refresh': 'daily',
    'expected_size': [50, 1200],
    'play': 'Points plus cash',
    'kpi': 'Redemption rate',
}}) }}

select customer_id
from {{ ref('customer_tags_wide') }}
where
    points_expiring_count_30d >= 500
