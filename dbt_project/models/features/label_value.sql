-- What a past buyer bought in the 30, 60 and 90 days after base_date. One row per
-- base_date and customer, only where all 90 days are over at the as-of day.

with

base_dates as (

    select
        base_date,
        cast({{ dbt.dateadd('day', 90, 'base_date') }} as date) as label_to
    from {{ ref('feat_base_dates') }}

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

finished as (

    select * from base_dates
    where label_to <= {{ as_of_date() }}

),

later as (

    select
        finished.base_date,
        customer_days.customer_id,
        customer_days.goods_amount,
        {{ dbt.datediff('finished.base_date', 'customer_days.paid_on', 'day') }}
            as days_after
    from finished
    inner join customer_days
        on
            finished.base_date < customer_days.paid_on
            and finished.label_to >= customer_days.paid_on

),

bought as (

    select
        base_date,
        customer_id,
        count(*) filter (where days_after <= 30) as orders_30d,
        count(*) filter (where days_after <= 60) as orders_60d,
        count(*) as orders_90d,
        sum(goods_amount) filter (where days_after <= 30) as amount_30d,
        sum(goods_amount) filter (where days_after <= 60) as amount_60d,
        sum(goods_amount) as amount_90d
    from later
    group by base_date, customer_id

),

final as (

    select
        past_buyers.base_date,
        past_buyers.customer_id,
        coalesce(bought.orders_30d, 0) as orders_30d,
        coalesce(bought.orders_60d, 0) as orders_60d,
        coalesce(bought.orders_90d, 0) as orders_90d,
        coalesce(bought.amount_30d, 0) as amount_30d,
        coalesce(bought.amount_60d, 0) as amount_60d,
        coalesce(bought.amount_90d, 0) as amount_90d
    from past_buyers
    inner join finished
        on past_buyers.base_date = finished.base_date
    left join bought
        on
            past_buyers.base_date = bought.base_date
            and past_buyers.customer_id = bought.customer_id

)

select * from final
