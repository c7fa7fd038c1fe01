{{ config(meta={'segment': {
    'name_zh': '营销勿扰',
    'description':
        'Excluded, with an open service case, or touched 6 times or more '
        'in 30 days. Subtracted from every marketing send when it is '
        'planned, not repeated in each segment.',
    'kind': 'attributes',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [50, 1000],
    'play': 'None: nobody is to be disturbed',
    'kpi': 'Complaints and unsubscribes',
}}) }}

select customer_id
from {{ ref('customer_tags_wide') }}
where
    risk_exclusion is not null
    or service_has_open_case
    or campaign_touch_count_30d >= 6
