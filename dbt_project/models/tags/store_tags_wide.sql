-- All store tags side by side. One row per store. Changes only with a new family; the
-- key appears once because of `using`.
-- joins: one per family is the point of this model, and so is `using`.
-- noqa: disable=ST07,RF02

with

stores as (

    select store_code from {{ ref('dim_stores') }}

)

select *
from stores
left join {{ ref('tags_store_profile') }} using (store_code)
left join {{ ref('tags_store_sales') }} using (store_code)
left join {{ ref('tags_store_members') }} using (store_code)
left join {{ ref('tags_store_traffic') }} using (store_code)
