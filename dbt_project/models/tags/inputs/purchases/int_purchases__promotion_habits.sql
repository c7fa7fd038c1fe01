-- How much of a customer's buying is bought in promotions, with coupons, at a discount.
-- One row per customer with a purchase.

with

purchases as (

    select * from {{ ref('int_purchases__orders') }}

),

promotions as (

    select * from {{ ref('int_purchases__promotions') }}

),

marked as (

    select
        purchases.*,
        promotions.parent_order_key is not null as is_in_window,
        promotions.parent_order_key is not null or purchases.coupon_amount > 0
            as is_promoted,
        purchases.paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
            as is_within_365d,
        row_number() over (
            partition by purchases.customer_id
            order by purchases.paid_at, purchases.parent_order_key
        ) as purchase_number
    from purchases
    left join promotions
        on
            purchases.customer_id = promotions.customer_id
            and purchases.parent_order_key = promotions.parent_order_key

),

habits as (

    select
        customer_id,
        bool_or(is_promoted) filter (where purchase_number = 1)
            as is_first_order_promoted,
        count(*) filter (where is_within_365d) as order_count_365d,
        count(*) filter (where is_within_365d and is_promoted)
            as promoted_order_count_365d,
        count(*) filter (where is_within_365d and coupon_amount > 0)
            as coupon_order_count_365d,
        count(*) filter (
            where is_within_365d and coupon_amount = 0 and discount_amount = 0
        ) as full_price_order_count_365d,
        count(*) filter (where is_within_365d and is_presale)
            as presale_order_count_365d,
        coalesce(sum(net_amount) filter (where is_within_365d), 0) as net_amount_365d,
        coalesce(sum(net_amount) filter (where is_within_365d and is_in_window), 0)
            as window_net_amount_365d,
        coalesce(sum(net_amount) filter (where is_within_365d and is_promoted), 0)
            as promoted_net_amount_365d,
        coalesce(sum(list_amount) filter (where is_within_365d), 0)
            as list_amount_365d,
        coalesce(
            sum(discount_amount + coupon_amount) filter (where is_within_365d), 0
        ) as saved_amount_365d,
        coalesce(sum(coupon_amount) filter (where is_within_365d), 0)
            as coupon_amount_365d
    from marked
    group by customer_id

),

counted as (

    select
        *,
        nullif(cast(order_count_365d as numeric(18, 0)), 0) as order_count
    from habits

),

final as (

    select
        customer_id,
        is_first_order_promoted,
        order_count_365d,
        promoted_order_count_365d,
        presale_order_count_365d,
        cast(
            promoted_order_count_365d / order_count as numeric(9, 4)
        ) as promoted_order_rate_365d,
        cast(
            coupon_order_count_365d / order_count as numeric(9, 4)
        ) as coupon_order_rate_365d,
        cast(
            full_price_order_count_365d / order_count as numeric(9, 4)
        ) as full_price_order_rate_365d,
        cast(
            window_net_amount_365d / nullif(net_amount_365d, 0)
            as numeric(9, 4)
        ) as window_net_rate_365d,
        cast(
            saved_amount_365d / nullif(list_amount_365d, 0)
            as numeric(9, 4)
        ) as discount_rate_365d,
        cast(
            promoted_net_amount_365d
            / nullif(promoted_order_count_365d, 0) as numeric(18, 2)
        ) as promoted_ticket_amount_365d,
        cast(saved_amount_365d as numeric(18, 2)) as saved_amount_365d,
        cast(coupon_amount_365d as numeric(18, 2)) as coupon_amount_365d
    from counted

)

select * from final
