-- All guide tags side by side. One row per person of the staff. Changes only with a new
-- family; the key appears once because of `using`.
-- joins: one per family is the point of this model, and so is `using`.
-- noqa: disable=ST07,RF02

with

guides as (

    select staff_code from {{ ref('dim_guides') }}

)

select *
from guides
left join {{ ref('tags_guide_profile') }} using (staff_code)
left join {{ ref('tags_guide_customers') }} using (staff_code)
left join {{ ref('tags_guide_tasks') }} using (staff_code)
left join {{ ref('tags_guide_conversion') }} using (staff_code)
