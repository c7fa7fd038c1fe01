-- All product tags side by side. One row per product. Changes only with a new family;
-- the key appears once because of `using`.
-- joins: one per family is the point of this model, and so is `using`.
-- noqa: disable=ST07,RF02

with

products as (

    select product_key from {{ ref('dim_products') }}

)

select *
from products
left join {{ ref('tags_product_profile') }} using (product_key)
left join {{ ref('tags_product_price') }} using (product_key)
left join {{ ref('tags_product_sales') }} using (product_key)
left join {{ ref('tags_product_lifecycle') }} using (product_key)
left join {{ ref('tags_product_affinity') }} using (product_key)
left join {{ ref('tags_product_audience') }} using (product_key)
