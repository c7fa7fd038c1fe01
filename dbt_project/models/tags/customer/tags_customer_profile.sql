-- Profile tags. One row per customer.

with

customers as not materialized (

    select * from {{ ref('dim_customers') }}

),

regions as (

    select * from {{ ref('dim_regions') }}

),

age_bands as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'age_band'
        and {{ as_of_date() }} between valid_from and valid_to

),

-- Whole years and months that have passed: a boundary counts once its day has come.
ages as (

    select
        customer_id,
        {{ dbt.datediff('birthday', as_of_date(), 'month') }}
        - case
            when extract(day from {{ as_of_date() }}) < extract(day from birthday)
                then 1
            else 0
        end as age_months,
        {{ dbt.datediff('baby_birthday', as_of_date(), 'month') }}
        - case
            when extract(day from {{ as_of_date() }}) < extract(day from baby_birthday)
                then 1
            else 0
        end as baby_age_months
    from customers

),

final as (

    select
        customers.customer_id,
        coalesce(customers.gender, 'unknown') as profile_gender,
        coalesce(customers.gender_is_inferred, false) as profile_gender_is_inferred,
        age_bands.label as profile_age_band,
        regions.city_tier as profile_city_tier,
        cast(ages.baby_age_months as integer) as profile_baby_age_months
    from customers
    inner join ages on customers.customer_id = ages.customer_id
    left join regions on customers.region_code = regions.region_code
    left join age_bands
        on
            ages.age_months >= age_bands.from_value * 12
            and (
                age_bands.to_value is null
                or ages.age_months < age_bands.to_value * 12
            )

)

select * from final
