{{ config(meta={'segment': {
    'name_zh': '差评商品购买人',
    'description':
        'Bought in the last 30 days what three in ten of five or more reviewers '
        'call poor: from products with a tag to their buyers.',
    'kind': 'cross_entity',
    'owner': 'service',
    'refresh': 'daily',
    'expected_size': [0, 300],
    'play': 'Ask before they complain; easy return',
    'kpi': 'Complaints, next order',
}}) }}

with

-- One of two reviewers says more of himself than of the product.
poor_products as (

    select product_key from {{ ref('product_tags_wide') }}
    where
        product_review_count_365d >= 5
        and product_poor_review_rate_365d >= 0.3

),

recent_lines as (

    select
        customer_id,
        product_key
    from {{ ref('fct_order_lines') }}
    where
        is_valid_line
        and customer_id is not null
        and paid_on > {{ dbt.dateadd('day', -30, as_of_date()) }}

)

select distinct recent_lines.customer_id
from recent_lines
inner join poor_products
    on recent_lines.product_key = poor_products.product_key
