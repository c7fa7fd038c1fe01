{{ config(meta={'segment': {
    'name_zh': '红参高净值客',
    'description':
        'V5 with the highest ticket level who bought ginseng within a '
        'year.',
    'kind': 'attributes',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [0, 150],
    'play': 'Named guide, gift',
    'kpi': 'Retained spend',
}}) }}

select customer_id
from {{ ref('customer_tags_wide') }}
where
    value_tier = 'v5'
    and value_ticket_level = 'lv3'
    and brand_ginseng_days_since_last_order <= 365
