{{ config(meta={'segment': {
    'name_zh': '品类渗透:优质客未购烘焙',
    'description': 'Quality people except buyers of bakery in the same 30 days.',
    'kind': 'cross_entity',
    'owner': 'crm',
    'refresh': 'daily',
    'expected_size': [400, 1600],
    'play': 'Bakery gift',
    'kpi': 'Penetration over all quality people, against control',
}}) }}

with

bakery_products as (

    select product_key from {{ ref('tags_product_profile') }}
    where product_category = 'bakery'

),

recent_lines as (

    select
        customer_id,
        product_key
    from {{ ref('fct_order_lines') }}
    where
        is_valid_line
        and paid_on > {{ dbt.dateadd('day', -30, as_of_date()) }}

)

select customer_id from {{ ref('seg_quality') }}
except
select recent_lines.customer_id
from recent_lines
inner join bakery_products
    on recent_lines.product_key = bakery_products.product_key
