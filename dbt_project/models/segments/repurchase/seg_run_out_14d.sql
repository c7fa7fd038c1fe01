{{ config(meta={'segment': {
    'name_zh': '14天内用完',
    'description': 'The main consumable runs out within 14 days.',
    'kind': 'attributes',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [100, 800],
    'play': 'Refill reminder',
    'kpi': 'Repurchase in the same category',
}}) }}

select customer_id
from {{ ref('customer_tags_wide') }}
where
    category_run_out_on between {{ as_of_date() }}
    and {{ dbt.dateadd('day', 14, as_of_date()) }}
