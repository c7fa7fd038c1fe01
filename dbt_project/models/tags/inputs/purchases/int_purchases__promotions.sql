-- Purchases inside the platforms' promotions. One row per customer and parent order
-- paid in a window of its channel.

with

purchases as (

    select * from {{ ref('int_purchases__orders') }}

),

-- An edition is a promotion of one year; it counts from its first day on any platform.
editions as (

    select
        promotion_code,
        channel_code,
        year as promotion_year,
        starts_on,
        ends_on,
        max(year) over (partition by promotion_code) - year as years_before_latest
    from {{ ref('platform_promotions') }}
    where starts_on <= {{ as_of_date() }}

),

-- Windows of one channel do not overlap; if they ever do, the later one counts.
matched as (

    select
        purchases.customer_id,
        purchases.parent_order_key,
        purchases.paid_on,
        purchases.net_amount,
        editions.promotion_code,
        editions.promotion_year,
        editions.years_before_latest,
        row_number() over (
            partition by purchases.customer_id, purchases.parent_order_key
            order by editions.starts_on desc, editions.promotion_code asc
        ) as edition_number
    from purchases
    inner join editions
        on
            purchases.channel_code = editions.channel_code
            and purchases.paid_on between editions.starts_on and editions.ends_on

),

final as (

    select
        customer_id,
        parent_order_key,
        paid_on,
        net_amount,
        promotion_code,
        promotion_year,
        years_before_latest
    from matched
    where edition_number = 1

)

select * from final
