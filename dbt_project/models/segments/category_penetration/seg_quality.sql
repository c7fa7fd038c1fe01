{{ config(meta={'segment': {
    'name_zh': '优质人群',
    'description':
        'Two or more orders in the last 30 days: the base over which every '
        'category play is measured.',
    'kind': 'attributes',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [1000, 2400],
    'play': 'None: the base of the category plays',
    'kpi': 'Penetration of the category over all of them',
}}) }}

select customer_id
from {{ ref('customer_tags_wide') }}
where
    purchase_order_count_30d >= 2
