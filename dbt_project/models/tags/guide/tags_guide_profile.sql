-- Profile tags of guides and the other staff of the stores. One row per person.

with

guides as (

    select * from {{ ref('dim_guides') }}

),

stores as (

    select * from {{ ref('dim_stores') }}

),

final as (

    select
        guides.staff_code,
        guides.status as guide_status,
        guides.role as guide_role,
        guides.store_code as guide_store,
        stores.status as guide_store_status,
        stores.city_tier as guide_city_tier,
        {{ dbt.datediff(
            'guides.hired_on', 'coalesce(guides.left_on, ' ~ as_of_date() ~ ')', 'day'
        ) }} as guide_tenure_days
    from guides
    left join stores on guides.store_code = stores.store_code

)

select * from final
