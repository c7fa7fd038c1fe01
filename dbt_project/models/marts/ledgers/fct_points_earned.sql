-- Points that orders earned by the rules of the day they were paid on: the highest
-- multiplier counts, the day's cap goes to the earliest orders. One row per order and
-- pool.

with

members as (

    select
        customer_id,
        extract(month from birthday) as birthday_month,
        {{ local_date('joined_at') }} as joined_on
    from {{ ref('dim_customers') }}
    where joined_at is not null

),

orders as (

    select
        *,
        case
            when completed_at is not null
                then greatest({{ local_date('completed_at') }}, paid_on)
        end as received_on
    from {{ ref('fct_orders') }}
    where is_valid_order and goods_amount > 0

),

tiers as (

    select * from {{ ref('fct_member_tiers') }}

),

terms as (

    select * from {{ ref('dim_points_terms') }}

),

-- A tier multiplies from the day after it is reached: the order that reaches it does
-- not gain by it. The rules' test sees to it that a join finds one rule at most.
judged_orders as (

    select
        orders.order_key,
        orders.customer_id,
        earning.pool_code,
        orders.channel_code,
        orders.shop_code,
        earning.rule_code,
        orders.paid_at,
        orders.paid_on,
        orders.goods_amount,
        orders.order_status,
        {{ dbt.dateadd('day', 'earning.days', 'orders.received_on') }} as confirms_on,
        orders.goods_amount * earning.rate as base_points,
        greatest(1, by_tier.rate, by_birthday.rate, by_promotion.rate) as multiplier,
        caps.rate as daily_cap
    from orders
    inner join members
        on
            orders.customer_id = members.customer_id
            and orders.paid_on >= members.joined_on
    inner join terms as earning
        on
            orders.shop_code = earning.shop_code
            and orders.paid_on between earning.valid_from and earning.valid_to
            and earning.entry_kind = 'earn'
    left join tiers
        on
            orders.customer_id = tiers.customer_id
            and orders.paid_on > tiers.from_on
            and (tiers.to_on is null or orders.paid_on <= tiers.to_on + 1)
    left join terms as by_tier
        on
            orders.shop_code = by_tier.shop_code
            and earning.pool_code = by_tier.pool_code
            and tiers.tier = by_tier.condition_value
            and orders.paid_on between by_tier.valid_from and by_tier.valid_to
            and by_tier.condition_kind = 'tier'
    left join terms as by_birthday
        on
            orders.shop_code = by_birthday.shop_code
            and earning.pool_code = by_birthday.pool_code
            and extract(month from orders.paid_on) = members.birthday_month
            and orders.paid_on between by_birthday.valid_from and by_birthday.valid_to
            and by_birthday.condition_kind = 'birthday_month'
    left join terms as by_promotion
        on
            orders.shop_code = by_promotion.shop_code
            and earning.pool_code = by_promotion.pool_code
            and orders.paid_on between by_promotion.valid_from and by_promotion.valid_to
            and by_promotion.condition_kind = 'promotion'
    left join terms as caps
        on
            orders.shop_code = caps.shop_code
            and earning.pool_code = caps.pool_code
            and orders.paid_on between caps.valid_from and caps.valid_to
            and caps.entry_kind = 'cap'

),

capped_orders as (

    select
        *,
        cast(confirms_on as date) as confirmed_on,
        floor(base_points * multiplier) as multiplied_points,
        daily_cap + floor(base_points * multiplier)
        - sum(floor(base_points * multiplier)) over (
            partition by customer_id, pool_code, paid_on
            order by paid_at asc, order_key asc
        ) as room_points
    from judged_orders

),

final as (

    select
        order_key,
        customer_id,
        pool_code,
        channel_code,
        shop_code,
        rule_code,
        paid_on,
        confirmed_on,
        order_status <> 'closed' and coalesce(confirmed_on <= {{ as_of_date() }}, false)
            as is_confirmed,
        goods_amount,
        cast(multiplier as numeric(9, 4)) as multiplier,
        cast(floor(base_points) as bigint) as base_points,
        cast(case
            when room_points < 0 then 0
            when room_points < multiplied_points then room_points
            else multiplied_points
        end as bigint) as points
    from capped_orders

)

select * from final
