{{ config(meta={'segment': {
    'name_zh': '品类渗透:下一推荐品类',
    'description':
        'Quality people with a category that they have not bought in a year and '
        'probably will.',
    'kind': 'attributes',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [0, 2400],
    'play': 'Gift of the category prediction_next_category names',
    'kpi': 'Penetration per category over all quality people, against control',
}}) }}

select customer_id
from {{ ref('customer_tags_wide') }}
where
    purchase_order_count_30d >= 2
    and prediction_next_category is not null
