-- Promotion tags. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

purchases as (

    select * from {{ ref('int_purchases__orders') }}

),

consumables as (

    select * from {{ ref('int_purchases__consumables') }}

),

presales as (

    select * from {{ ref('fct_orders') }}
    where
        order_type = 'presale'
        and order_status = 'deposit_paid'
        and paid_at is null
        and customer_id is not null

),

promotions as (

    select * from {{ ref('platform_promotions') }}

),

festivals as (

    select * from {{ ref('lunar_festivals') }}
    where
        festival in ('spring_festival', 'mid_autumn')
        and falls_on > {{ dbt.dateadd('year', -2, as_of_date()) }}

),

-- The three latest years whose 双11 has begun on at least one platform.
started_double11s as (

    select
        channel_code,
        year,
        starts_on,
        ends_on,
        max(year) over () as latest_year
    from promotions
    where
        promotion_code = 'double11'
        and starts_on <= {{ as_of_date() }}

),

double11_summary as (

    select
        purchases.customer_id,
        count(distinct started_double11s.year) as double11_count
    from purchases
    inner join started_double11s
        on
            purchases.channel_code = started_double11s.channel_code
            and purchases.paid_on
            between started_double11s.starts_on and started_double11s.ends_on
    where started_double11s.year > started_double11s.latest_year - 3
    group by purchases.customer_id

),

-- Counted for the buyer: the receiver of a gift is somebody else.
gift_summary as (

    select
        consumables.customer_id,
        count(distinct consumables.parent_order_key) as gift_count
    from consumables
    inner join festivals
        on
            consumables.paid_on < festivals.falls_on
            and consumables.paid_on
            >= {{ dbt.dateadd('day', -45, 'festivals.falls_on') }}
    where
        consumables.product_is_gift_set
        and consumables.line_type = 'sale'
        and consumables.paid_on > {{ dbt.dateadd('year', -2, as_of_date()) }}
    group by consumables.customer_id

),

-- A deposit is waiting while its promotion is not over; outside the calendar's
-- promotions the order's own status says so.
presale_summary as (

    select
        presales.customer_id,
        count(distinct presales.parent_order_key) as presale_count
    from presales
    left join promotions
        on
            presales.channel_code = promotions.channel_code
            and {{ local_date('presales.deposit_paid_at') }}
            between promotions.presale_starts_on and promotions.ends_on
    where
        promotions.ends_on is null
        or promotions.ends_on >= {{ as_of_date() }}
    group by presales.customer_id

),

final as (

    select
        customers.customer_id,
        coalesce(double11_summary.double11_count, 0) as promotion_double11_count_3y,
        coalesce(gift_summary.gift_count, 0) as promotion_festival_gift_count_2y,
        coalesce(presale_summary.presale_count, 0) as promotion_unpaid_presale_count
    from customers
    left join double11_summary
        on customers.customer_id = double11_summary.customer_id
    left join gift_summary on customers.customer_id = gift_summary.customer_id
    left join presale_summary on customers.customer_id = presale_summary.customer_id

)

select * from final
