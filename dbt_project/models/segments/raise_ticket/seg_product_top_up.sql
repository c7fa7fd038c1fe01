{{ config(meta={'segment': {
    'name_zh': '凑单商品',
    'description':
        'Products that people of seg_ticket_v3_v4_lv1 have in common: at least '
        'one in twenty of them bought it in 90 days, and it is sold still. '
        'From people to products.',
    'kind': 'cross_entity',
    'entity': 'product',
    'owner': 'merchandise',
    'refresh': 'daily',
    'expected_size': [5, 600],
    'play': 'Shelf of what lifts a basket over its threshold',
    'kpi': 'Share of baskets over the threshold',
}}) }}

with

people as (

    select customer_id from {{ ref('seg_ticket_v3_v4_lv1') }}

),

people_count as (

    select count(*) as person_count from people

),

living_products as (

    select product_key from {{ ref('product_tags_wide') }}
    where product_stage in ('new', 'growing', 'stable')

),

bought as (

    select distinct
        product_key,
        customer_id
    from {{ ref('fct_order_lines') }}
    where
        is_valid_line
        and paid_on > {{ dbt.dateadd('day', -90, as_of_date()) }}

)

select bought.product_key
from bought
inner join people on bought.customer_id = people.customer_id
inner join living_products on bought.product_key = living_products.product_key
cross join people_count
group by bought.product_key, people_count.person_count
having count(*) * 20 >= people_count.person_count
