{{ config(meta={'segment': {
    'name_zh': '高潜未购客',
    'description':
        'Never bought and in the first two packs of who may become a high-value '
        'buyer. Small or empty while past buyers of the packs are likelier.',
    'kind': 'attributes',
    'owner': 'marketing',
    'refresh': 'monthly',
    'expected_size': [0, 500],
    'play': 'Ads by hashed id, highest bid first',
    'kpi': 'Cost per first order',
}}) }}

select customer_id
from {{ ref('customer_tags_wide') }}
where
    purchase_order_count = 0
    and prediction_high_potential_pack in ('p1', 'p2')
