{{ config(meta={'segment': {
    'name_zh': '近30天跌档',
    'description': 'V4 or V5 thirty days ago, V1 to V3 today.',
    'kind': 'flow',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [0, 200],
    'play': 'Keep-tier task',
    'kpi': 'Return rate to the tier',
}}) }}

select customer_id
from {{ ref('customer_tags_wide') }}
where
    value_tier_30d_ago in ('v4', 'v5')
    and value_tier in ('v1', 'v2', 'v3')
