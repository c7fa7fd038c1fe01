-- Profile tags of stores. One row per store.

with

stores as (

    select * from {{ ref('dim_stores') }}

),

regions as (

    select * from {{ ref('dim_regions') }}

),

guides as (

    select
        store_code,
        count(*) as guide_count
    from {{ ref('dim_guides') }}
    where
        role = 'guide'
        and status <> 'left'
    group by store_code

),

final as (

    select
        stores.store_code,
        stores.status as store_status,
        stores.has_guide as store_has_guide,
        coalesce(guides.guide_count, 0) as store_guide_count,
        regions.province as store_province,
        stores.city as store_city,
        stores.city_tier as store_city_tier,
        stores.opened_on as store_opened_on
    from stores
    left join regions on stores.region_code = regions.region_code
    left join guides on stores.store_code = guides.store_code

)

select * from final
