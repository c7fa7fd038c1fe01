{{ config(meta={'segment': {
    'name_zh': '老带新达人',
    'description': 'Two or more people who came by their invitation bought.',
    'kind': 'attributes',
    'owner': 'member_ops',
    'refresh': 'daily',
    'expected_size': [1, 200],
    'play': 'Inviter benefits',
    'kpi': 'k-factor',
}}) }}

select customer_id
from {{ ref('customer_tags_wide') }}
where
    referral_converted_count >= 2
