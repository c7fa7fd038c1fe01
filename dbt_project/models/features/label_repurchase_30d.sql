-- Did a past buyer of the brand buy it again within 30 days of base_date? One row per
-- base_date, customer and brand whose 30 days are over at the as-of day.

with

base_dates as (

    select
        base_date,
        {{ dbt.dateadd('day', 30, 'base_date') }} as window_to
    from {{ ref('feat_base_dates') }}
    where {{ dbt.dateadd('day', 30, 'base_date') }} <= {{ as_of_date() }}

),

past_buyers as (

    select
        base_date,
        customer_id,
        brand_code
    from {{ ref('feat_customer_brand') }}

),

purchase_days as (

    select * from {{ ref('feat_purchase_days') }}

),

returns as (

    select
        base_dates.base_date,
        purchase_days.customer_id,
        purchase_days.brand_code,
        count(*) as purchase_day_count
    from base_dates
    inner join purchase_days
        on
            base_dates.base_date < purchase_days.paid_on
            and base_dates.window_to >= purchase_days.paid_on
    group by
        base_dates.base_date,
        purchase_days.customer_id,
        purchase_days.brand_code

),

final as (

    select
        past_buyers.base_date,
        past_buyers.customer_id,
        past_buyers.brand_code,
        returns.purchase_day_count is not null as is_repurchased_30d
    from past_buyers
    inner join base_dates on past_buyers.base_date = base_dates.base_date
    left join returns
        on
            past_buyers.base_date = returns.base_date
            and past_buyers.customer_id = returns.customer_id
            and past_buyers.brand_code = returns.brand_code

)

select * from final
