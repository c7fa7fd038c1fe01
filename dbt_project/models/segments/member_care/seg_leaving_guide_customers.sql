{{ config(meta={'segment': {
    'name_zh': '离职导购名下客户',
    'description': 'WeCom friends of a guide who is leaving: from guides to their customers.',
    'kind': 'cross_entity',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [0, 100],
    'play': 'Hand-over to another guide, one message',
    'kpi': 'Relations kept',
}}) }}

with

leaving_guides as (

    select staff_code from {{ ref('guide_tags_wide') }}
    where guide_status = 'leaving'

),

friends as (

    select
        customer_id,
        staff_code
    from {{ ref('fct_guide_contacts') }}
    where
        is_current
        and customer_id is not null

)

select distinct friends.customer_id
from friends
inner join leaving_guides on friends.staff_code = leaving_guides.staff_code
