-- Did a past buyer of the brand buy it again in the calendar month after base_date?
-- One row per base_date, customer and brand whose month is over at the as-of day.

with

base_dates as (

    select * from {{ ref('feat_base_dates') }}
    where not is_scoring

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

bought_next_month as (

    select
        base_dates.base_date,
        purchase_days.customer_id,
        purchase_days.brand_code,
        count(*) as purchase_day_count
    from base_dates
    inner join purchase_days
        on purchase_days.paid_on between base_dates.label_from and base_dates.label_to
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
        bought_next_month.purchase_day_count is not null as is_repurchased
    from past_buyers
    inner join base_dates
        on past_buyers.base_date = base_dates.base_date
    left join bought_next_month
        on
            past_buyers.base_date = bought_next_month.base_date
            and past_buyers.customer_id = bought_next_month.customer_id
            and past_buyers.brand_code = bought_next_month.brand_code

)

select * from final
