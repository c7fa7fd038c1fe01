{{ config(meta={'segment': {
    'name_zh': '加购未购',
    'description':
        'Goods in the cart for up to 7 days, not ordered in any channel '
        'since, and no balance of a pre-sale open.',
    'kind': 'events',
    'owner': 'marketing',
    'refresh': 'daily',
    'expected_size': [50, 600],
    'play': 'Reminder',
    'kpi': 'Order rate in 48 hours',
}}) }}

select customer_id
from {{ ref('customer_tags_wide') }}
where
    behaviour_cart_unordered_count_7d >= 1
    and promotion_unpaid_presale_count = 0
