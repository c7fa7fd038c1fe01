-- On which of the 60 days after base_date a past buyer bought. One row per base_date
-- and customer of an earlier origin. Days after the as-of day are not seen yet:
-- observed_days says how many are. bought_days is a set of days in one number, so that
-- a row stays small: the bit of weight 2^(d - 1) stands for day d.

with

base_dates as (

    select
        base_date,
        least({{ dbt.datediff('base_date', as_of_date(), 'day') }}, 60)
            as observed_days,
        cast({{ dbt.dateadd('day', 60, 'base_date') }} as date) as label_to
    from {{ ref('feat_base_dates') }}
    where not is_scoring

),

past_buyers as (

    select
        base_date,
        customer_id
    from {{ ref('feat_customer_orders') }}

),

customer_days as (

    select * from {{ ref('feat_customer_days') }}

),

later as (

    select
        base_dates.base_date,
        customer_days.customer_id,
        {{ dbt.datediff('base_dates.base_date', 'customer_days.paid_on', 'day') }}
            as days_after
    from base_dates
    inner join customer_days
        on
            base_dates.base_date < customer_days.paid_on
            and base_dates.label_to >= customer_days.paid_on

),

bought as (

    select
        base_date,
        customer_id,
        sum(cast(power(2, days_after - 1) as bigint)) as bought_days
    from later
    group by base_date, customer_id

),

final as (

    select
        past_buyers.base_date,
        past_buyers.customer_id,
        base_dates.observed_days,
        cast(coalesce(bought.bought_days, 0) as bigint) as bought_days
    from past_buyers
    inner join base_dates
        on past_buyers.base_date = base_dates.base_date
    left join bought
        on
            past_buyers.base_date = bought.base_date
            and past_buyers.customer_id = bought.customer_id

)

select * from final
