{{ config(meta={'segment': {
    'name_zh': '首购30-60天未二购',
    'description': 'Exactly one order, 30 to 60 days ago.',
    'kind': 'attributes',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [0, 100],
    'play': 'Second-order coupon',
    'kpi': 'Second-order rate',
}}) }}

select customer_id
from {{ ref('customer_tags_wide') }}
where
    purchase_order_count = 1
    and purchase_days_since_last_order between 30 and 60
