{{ config(meta={'segment': {
    'name_zh': '提笔单:高频低笔单',
    'description': 'V3 and V4 with the lowest ticket level of their tier.',
    'kind': 'attributes',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [200, 1500],
    'play': 'Threshold at 1.2 times the own purchase_ticket_amount_365d',
    'kpi': 'Ticket and margin against control',
}}) }}

select customer_id
from {{ ref('customer_tags_wide') }}
where
    value_tier in ('v3', 'v4')
    and value_ticket_level = 'lv1'
