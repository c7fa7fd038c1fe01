-- Was a buyer silent for his whole churn horizon after base_date? One row per base_date
-- and customer, of the origins at which everybody's horizon is over at the as-of day.
-- A row whose own, short horizon is over could be told earlier, but only short ones
-- belong to frequent buyers: an origin of those alone would teach that few leave.

with

rules as (

    select * from {{ ref('churn_rules') }}

),

base_dates as (

    select base_dates.base_date
    from {{ ref('feat_base_dates') }} as base_dates
    cross join rules
    where
        {{ dbt.dateadd('day', 'rules.most_days', 'base_dates.base_date') }}
        <= {{ as_of_date() }}

),

buyers as (

    select
        base_date,
        customer_id,
        churn_horizon_days
    from {{ ref('feat_churn') }}

),

customer_days as (

    select * from {{ ref('feat_customer_days') }}

),

first_returns as (

    select
        base_dates.base_date,
        customer_days.customer_id,
        min(customer_days.paid_on) as returned_on
    from base_dates
    inner join customer_days
        on base_dates.base_date < customer_days.paid_on
    group by base_dates.base_date, customer_days.customer_id

),

final as (

    select
        buyers.base_date,
        buyers.customer_id,
        buyers.churn_horizon_days,
        coalesce(
            first_returns.returned_on
            > {{ dbt.dateadd(
                'day', 'buyers.churn_horizon_days', 'buyers.base_date'
            ) }},
            true
        ) as is_churned
    from buyers
    inner join base_dates on buyers.base_date = base_dates.base_date
    left join first_returns
        on
            buyers.base_date = first_returns.base_date
            and buyers.customer_id = first_returns.customer_id

)

select * from final
