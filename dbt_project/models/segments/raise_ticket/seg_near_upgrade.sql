{{ config(meta={'segment': {
    'name_zh': '临门升级',
    'description':
        '300 yuan or less from the next member tier, bought in the last 90 '
        'days.',
    'kind': 'attributes',
    'owner': 'member_ops',
    'refresh': 'daily',
    'expected_size': [50, 900],
    'play': 'Upgrade campaign',
    'kpi': 'Upgrade rate',
}}) }}

select customer_id
from {{ ref('customer_tags_wide') }}
where
    member_upgrade_gap_amount between 1 and 300
    and purchase_days_since_last_order <= 90
