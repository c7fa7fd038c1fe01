{{ config(meta={'segment': {
    'name_zh': '节礼送礼客',
    'description':
        'Bought gift sets before the Spring or the Mid-Autumn Festival in '
        'the last two years. To be used in the 45 days before the feast.',
    'kind': 'attributes',
    'owner': 'marketing',
    'refresh': 'daily',
    'expected_size': [0, 400],
    'play': 'Gift boxes, group-buy price',
    'kpi': 'Gift orders',
}}) }}

select customer_id
from {{ ref('customer_tags_wide') }}
where
    promotion_festival_gift_count_2y >= 1
