{{ config(meta={'segment': {
    'name_zh': '近30天升档',
    'description': 'V3 thirty days ago, V4 today.',
    'kind': 'flow',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [5, 300],
    'play': 'Welcome to the tier: its benefits, and a threshold gift',
    'kpi': 'Share that keeps the tier for 90 days',
}}) }}

select customer_id
from {{ ref('customer_tags_wide') }}
where
    value_tier_30d_ago = 'v3'
    and value_tier = 'v4'
