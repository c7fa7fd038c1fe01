-- Profile tags. One row per customer.

with

customers as not materialized (

    select * from {{ ref('dim_customers') }}

),

regions as (

    select
        dim_regions.region_code,
        dim_regions.province,
        dim_regions.city,
        dim_regions.city_tier,
        province_areas.area
    from {{ ref('dim_regions') }} as dim_regions
    left join {{ ref('province_areas') }} as province_areas
        on
            substring(dim_regions.region_code from 1 for 2)
            = province_areas.province_code

),

city_stores as (

    select
        region_code,
        count(*) as store_count
    from {{ ref('dim_stores') }}
    where
        status = 'open'
        and region_code is not null
    group by region_code

),

cuts as not materialized (

    select * from {{ ref('tag_cuts') }}
    where {{ as_of_date() }} between valid_from and valid_to

),

ages as (

    select * from {{ ref('int_customers__ages') }}

),

final as (

    select
        customers.customer_id,
        coalesce(customers.gender, 'unknown') as profile_gender,
        coalesce(customers.gender_is_inferred, false) as profile_gender_is_inferred,
        age_bands.label as profile_age_band,
        ages.age_years as profile_age_years,
        generations.label as profile_generation,
        cast(extract(month from customers.birthday) as integer)
            as profile_birthday_month,
        {{ dbt.datediff(as_of_date(), 'ages.next_birthday', 'day') }}
            as profile_days_to_birthday,
        regions.province as profile_province,
        regions.city as profile_city,
        regions.city_tier as profile_city_tier,
        regions.area as profile_area,
        case
            when regions.region_code is not null
                then coalesce(city_stores.store_count, 0)
        end as profile_city_store_count,
        customers.baby_birthday is not null as profile_has_child,
        ages.baby_age_months as profile_baby_age_months,
        child_stages.label as profile_child_stage,
        {{ dbt.datediff(as_of_date(), 'ages.next_baby_birthday', 'day') }}
            as profile_days_to_baby_birthday,
        cast((
            case when customers.name is not null then 1 else 0 end
            + case when customers.gender in ('female', 'male') then 1 else 0 end
            + case when customers.birthday is not null then 1 else 0 end
            + case when customers.region_code is not null then 1 else 0 end
        ) / 4.0 as numeric(9, 4)) as profile_completeness_rate
    from customers
    inner join ages on customers.customer_id = ages.customer_id
    left join regions on customers.region_code = regions.region_code
    left join city_stores on customers.region_code = city_stores.region_code
    left join cuts as age_bands
        on
            age_bands.cut_set = 'age_band'
            and ages.age_months >= age_bands.from_value * 12
            and ages.age_months < coalesce(age_bands.to_value, 1000) * 12
    left join cuts as generations
        on
            generations.cut_set = 'generation'
            and extract(year from customers.birthday) >= generations.from_value
            and extract(year from customers.birthday)
            < coalesce(generations.to_value, 10000)
    left join cuts as child_stages
        on
            child_stages.cut_set = 'child_stage'
            and ages.baby_age_months >= child_stages.from_value
            and ages.baby_age_months < coalesce(child_stages.to_value, 10000)

)

select * from final
