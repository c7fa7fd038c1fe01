{{ config(meta={'segment': {
    'name_zh': '提频:月购客',
    'description':
        'Loyal, about once a month: one order in 30 days, four or more in '
        'all, active.',
    'kind': 'attributes',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [50, 600],
    'play': 'Two-trip stamp card',
    'kpi': 'Orders per 60 days',
}}) }}

select customer_id
from {{ ref('customer_tags_wide') }}
where
    purchase_order_count_30d = 1
    and purchase_order_count >= 4
    and lifecycle_stage = 'active'
