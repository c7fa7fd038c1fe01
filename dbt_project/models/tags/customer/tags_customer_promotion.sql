-- Promotion tags: who buys in promotions and with coupons, what in which, who gives at
-- the feasts, who has a balance to pay. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

habits as (

    select * from {{ ref('int_purchases__promotion_habits') }}

),

editions as (

    select * from {{ ref('int_purchases__promotion_editions') }}

),

sensitivities as (

    select * from {{ ref('int_purchases__promotion_sensitivity') }}

),

stocking as (

    select * from {{ ref('int_purchases__promotion_stocking') }}

),

gifts as (

    select * from {{ ref('int_purchases__festival_gifts') }}

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
        habits.promoted_order_rate_365d as promotion_order_rate_365d,
        habits.coupon_order_rate_365d as promotion_coupon_order_rate_365d,
        habits.full_price_order_rate_365d as promotion_full_price_order_rate_365d,
        habits.window_net_rate_365d as promotion_window_net_rate_365d,
        habits.discount_rate_365d as promotion_discount_rate_365d,
        coalesce(habits.saved_amount_365d, 0) as promotion_saved_amount_365d,
        coalesce(habits.coupon_amount_365d, 0) as promotion_coupon_amount_365d,
        habits.promoted_ticket_amount_365d as promotion_ticket_amount_365d,
        coalesce(habits.presale_order_count_365d, 0)
            as promotion_presale_order_count_365d,
        habits.is_first_order_promoted as promotion_is_first_order_promoted,
        sensitivities.sensitivity_index as promotion_sensitivity_index,
        sensitivities.sensitivity as promotion_sensitivity,
        stocking.quantity_ratio as promotion_stock_up_ratio,
        stocking.stock_up as promotion_stock_up,
        coalesce(editions.edition_count_365d, 0) as promotion_edition_count_365d,
        editions.last_promotion as promotion_last_bought,
        editions.last_promotion_on as promotion_last_bought_on,
        cast(coalesce(editions.six18_net_amount, 0) as numeric(18, 2))
            as promotion_618_latest_net_amount,
        cast(coalesce(editions.double11_net_amount, 0) as numeric(18, 2))
            as promotion_double11_latest_net_amount,
        cast(coalesce(editions.double12_net_amount, 0) as numeric(18, 2))
            as promotion_double12_latest_net_amount,
        cast(coalesce(editions.new_year_goods_net_amount, 0) as numeric(18, 2))
            as promotion_new_year_goods_latest_net_amount,
        coalesce(editions.double11_count_3y, 0) as promotion_double11_count_3y,
        coalesce(gifts.gift_count, 0) as promotion_festival_gift_count_2y,
        coalesce(presale_summary.presale_count, 0) as promotion_unpaid_presale_count
    from customers
    left join habits on customers.customer_id = habits.customer_id
    left join editions on customers.customer_id = editions.customer_id
    left join sensitivities on customers.customer_id = sensitivities.customer_id
    left join stocking on customers.customer_id = stocking.customer_id
    left join gifts on customers.customer_id = gifts.customer_id
    left join presale_summary on customers.customer_id = presale_summary.customer_id

)

select * from final
