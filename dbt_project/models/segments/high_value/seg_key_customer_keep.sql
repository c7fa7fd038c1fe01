{{ config(meta={'segment': {
    'name_zh': '重点客户挽留名单',
    'description':
        'High-value people whom we are about to lose: asleep, or down a tier in '
        '30 days; without those who are not to be disturbed.',
    'kind': 'set_operation',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [0, 400],
    'play': 'A call by their guide',
    'kpi': 'Retained spend',
}}) }}

(
    select customer_id from {{ ref('seg_sleeping_high_value') }}
    union
    select customer_id from {{ ref('seg_tier_dropped_30d') }}
)
except
select customer_id from {{ ref('seg_marketing_suppressed') }}
