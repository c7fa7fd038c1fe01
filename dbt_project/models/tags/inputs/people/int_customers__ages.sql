-- How old customers and their youngest child are, and when their next birthday is. One
-- row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

-- Whole months that have passed: a boundary counts once its day has come.
months as (

    select
        customer_id,
        birthday,
        baby_birthday,
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

years as (

    select
        customer_id,
        birthday,
        baby_birthday,
        cast(age_months as integer) as age_months,
        cast(baby_age_months as integer) as baby_age_months,
        cast(floor(age_months / 12.0) as integer) as age_years,
        cast(floor(baby_age_months / 12.0) as integer) as baby_age_years
    from months

),

-- 29 February is kept on the 28th when there is none.
birthdays as (

    select
        customer_id,
        baby_birthday,
        age_months,
        baby_age_months,
        age_years,
        {{ dbt.dateadd('year', 'age_years', 'birthday') }} as last_birthday,
        {{ dbt.dateadd('year', 'age_years + 1', 'birthday') }} as next_birthday,
        {{ dbt.dateadd('year', 'baby_age_years', 'baby_birthday') }}
            as last_baby_birthday,
        {{ dbt.dateadd('year', 'baby_age_years + 1', 'baby_birthday') }}
            as next_baby_birthday
    from years

),

final as (

    select
        customer_id,
        age_months,
        baby_age_months,
        age_years,
        case
            when last_birthday = {{ as_of_date() }} then {{ as_of_date() }}
            else cast(next_birthday as date)
        end as next_birthday,
        case
            -- The first birthday of one that is expected is the day it is due.
            when baby_birthday >= {{ as_of_date() }} then baby_birthday
            when last_baby_birthday = {{ as_of_date() }}
                then {{ as_of_date() }}
            else cast(next_baby_birthday as date)
        end as next_baby_birthday
    from birthdays

)

select * from final
