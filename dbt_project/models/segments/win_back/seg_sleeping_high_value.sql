{{ config(meta={'segment': {
    'name_zh': '沉睡唤醒:高价值',
    'description': 'V4 and V5 asleep by the horizon of their main brand.',
    'kind': 'attributes',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [0, 150],
    'play': 'Call by the guide',
    'kpi': 'Recall rate, money per call',
}}) }}

select customer_id
from {{ ref('customer_tags_wide') }}
where
    value_tier in ('v4', 'v5')
    and lifecycle_stage = 'sleeping'
