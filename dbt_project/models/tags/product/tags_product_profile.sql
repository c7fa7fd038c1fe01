-- Profile tags of products. One row per product.

with

products as (

    select * from {{ ref('dim_products') }}

),

categories as (

    select * from {{ ref('product_categories') }}
    where match_on = 'category'

),

departments as (

    select * from {{ ref('product_categories') }}
    where match_on = 'department'

),

-- One and two stars are what the platforms call a poor review (差评).
review_summary as (

    select
        product_key,
        count(*) as review_count,
        avg(rating) as rating_average,
        count(*) filter (where rating <= 2) as poor_review_count
    from {{ ref('fct_reviews') }}
    where
        product_key is not null
        and reviewed_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
    group by product_key

),

final as (

    select
        products.product_key,
        coalesce(products.is_gift_set, false) as product_is_gift_set,
        coalesce(
            categories.product_category, departments.product_category, 'other'
        ) as product_category,
        products.brand_code as product_brand,
        products.consumption_days as product_consumption_days,
        products.formula_stage as product_formula_stage,
        coalesce(review_summary.review_count, 0) as product_review_count_365d,
        cast(review_summary.rating_average as numeric(9, 2))
            as product_rating_average_365d,
        cast(
            cast(review_summary.poor_review_count as numeric(18, 4))
            / nullif(review_summary.review_count, 0) as numeric(9, 4)
        ) as product_poor_review_rate_365d
    from products
    left join categories on products.category = categories.source_value
    left join departments on products.department = departments.source_value
    left join review_summary on products.product_key = review_summary.product_key

)

select * from final
