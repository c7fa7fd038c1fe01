{{ config(meta={'segment': {
    'name_zh': '奶粉转段',
    'description':
        'The baby reaches the next stage within a month and the family '
        'still buys the old one. Offers for stage 1 need a legal check.',
    'kind': 'attributes',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [0, 100],
    'play': 'Stage advice',
    'kpi': 'Retention to the next stage',
}}) }}

select customer_id
from {{ ref('customer_tags_wide') }}
where
    (profile_baby_age_months = 5 and category_formula_stage = 1)
    or (profile_baby_age_months = 11 and category_formula_stage = 2)
    or (profile_baby_age_months = 35 and category_formula_stage = 3)
