-- Stores of the group. One row per store.

with

stores as (

    select * from {{ ref('int_stores__unioned') }}

),

regions as (

    select * from {{ ref('dim_regions') }}

),

guides as (

    select
        store_code,
        count(*) as guide_count
    from {{ ref('int_staff__unioned') }}
    where role = 'guide' and status <> 'left'
    group by store_code

),

final as (

    select
        stores.store_code,
        stores.name,
        stores.region_code,
        regions.city,
        regions.city_tier,
        stores.status,
        stores.opened_on,
        coalesce(guides.guide_count, 0) > 0 as has_guide
    from stores
    left join regions on stores.region_code = regions.region_code
    left join guides on stores.store_code = guides.store_code

)

select * from final
