-- Did a past buyer buy anything in the days after base_date? One row per base_date and
-- customer whose 30 days are over at the as-of day.

with

base_dates as (

    select * from {{ ref('feat_base_dates') }}
    where {{ dbt.dateadd('day', 30, 'base_date') }} <= {{ as_of_date() }}

),

past_buyers as (

    select
        base_date,
        customer_id
    from {{ ref('feat_customer') }}

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
        on
            base_dates.base_date < customer_days.paid_on
            and {{ dbt.dateadd('day', 30, 'base_dates.base_date') }}
            >= customer_days.paid_on
    group by base_dates.base_date, customer_days.customer_id

),

final as (

    select
        past_buyers.base_date,
        past_buyers.customer_id,
        coalesce(
            first_returns.returned_on
            <= {{ dbt.dateadd('day', 7, 'past_buyers.base_date') }},
            false
        ) as is_purchased_7d,
        first_returns.returned_on is not null as is_purchased_30d
    from past_buyers
    inner join base_dates on past_buyers.base_date = base_dates.base_date
    left join first_returns
        on
            past_buyers.base_date = first_returns.base_date
            and past_buyers.customer_id = first_returns.customer_id

)

select * from final
