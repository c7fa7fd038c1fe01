{{ config(meta={'segment': {
    'name_zh': '跌档客回访门店',
    'description':
        'Stores with a guide where two or more people of seg_tier_dropped_30d '
        'shopped in 90 days. From people to stores.',
    'kind': 'cross_entity',
    'entity': 'store',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [0, 60],
    'play': 'Keep-tier tasks for the guides of the store',
    'kpi': 'Return rate to the tier, by store',
}}) }}

with

people as (

    select customer_id from {{ ref('seg_tier_dropped_30d') }}

),

guide_stores as (

    select store_code from {{ ref('store_tags_wide') }}
    where store_has_guide

),

visits as (

    select distinct
        store_code,
        customer_id
    from {{ ref('fct_orders') }}
    where
        is_valid_order
        and paid_on > {{ dbt.dateadd('day', -90, as_of_date()) }}

)

select visits.store_code
from visits
inner join people on visits.customer_id = people.customer_id
inner join guide_stores on visits.store_code = guide_stores.store_code
group by visits.store_code
having count(*) >= 2
