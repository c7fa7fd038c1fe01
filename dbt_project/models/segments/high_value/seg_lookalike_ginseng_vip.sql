{{ config(meta={'segment': {
    'name_zh': '红参高净值相似人群',
    'description':
        'The 300 customers who resemble seg_ginseng_vip most, by votes of at '
        'least two of them; who is excluded or suppressed is not looked for.',
    'kind': 'lookalike',
    'of': 'seg_ginseng_vip',
    'owner': 'crm',
    'refresh': 'monthly',
    'expected_size': [0, 300],
    'play': 'Invitation to a tasting, first box at the price of a trial',
    'kpi': 'First order of ginseng, beside as many of the highest spenders',
}}) }}

with

seeds as (

    select customer_id from {{ ref('seg_ginseng_vip') }}

),

similar_customers as (

    select * from {{ source('ml', 'lookalike') }}

),

candidates as (

    select customer_id from {{ ref('customer_tags_wide') }}
    where risk_exclusion is null
    except
    select customer_id from {{ ref('seg_marketing_suppressed') }}

),

expanded as (

    {{ lookalike_of(
        'seeds', 'similar_customers', 'candidates', size=300, min_votes=2
    ) }}

)

select customer_id
from expanded
