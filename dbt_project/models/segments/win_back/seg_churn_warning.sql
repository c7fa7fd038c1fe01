{{ config(meta={'segment': {
    'name_zh': '流失预警',
    'description':
        'V3 and above who will probably be silent for longer than they ever were, '
        'and are not asleep yet.',
    'kind': 'attributes',
    'owner': 'crm',
    'refresh': 'monthly',
    'expected_size': [0, 200],
    'play': 'Care first, coupon second',
    'kpi': 'Retained spend',
}}) }}

select customer_id
from {{ ref('customer_tags_wide') }}
where
    prediction_churn_band = 'high'
    and value_tier in ('v3', 'v4', 'v5')
    and lifecycle_stage in ('active', 'slowing')
