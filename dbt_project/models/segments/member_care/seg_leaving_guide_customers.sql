{{ config(meta={'segment': {
    'name_zh': '离职导购名下客户',
    'description': 'WeCom friends of a guide who is leaving.',
    'kind': 'cross_entity',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [0, 200],
    'play': 'Hand-over to another guide, one message',
    'kpi': 'Relations kept',
}}) }}

with

friends as (

    select customer_id from {{ ref('customer_tags_wide') }}
    where wecom_is_friend

),

leaving_guides as (

    select staff_code from {{ ref('dim_guides') }}
    where status = 'leaving'

),

live_contacts as (

    select
        customer_id,
        staff_code
    from {{ ref('fct_guide_contacts') }}
    where is_current

)

select distinct friends.customer_id
from friends
inner join live_contacts
    on friends.customer_id = live_contacts.customer_id
inner join leaving_guides
    on live_contacts.staff_code = leaving_guides.staff_code
