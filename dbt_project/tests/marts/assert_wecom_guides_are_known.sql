-- Every guide in WeCom is on the staff of the stores.
-- A warning: a guide hired this morning may come before the staff sheet.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'fct_guide_contacts'}}}) }}

with

named as (

    select distinct staff_code from {{ ref('fct_guide_contacts') }}
    union
    select distinct staff_code from {{ ref('fct_guide_tasks') }}

)

select named.staff_code
from named
left join {{ ref('dim_guides') }} as guides on named.staff_code = guides.staff_code
where guides.staff_code is null
