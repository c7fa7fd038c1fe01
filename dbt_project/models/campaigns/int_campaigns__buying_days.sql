-- Days on which people of a campaign bought, from before_from_on to measured_to. One
-- row per campaign, population, customer and day. Purchases are read once for all
-- campaigns.

with

populations as (

    select * from {{ ref('int_campaigns__populations') }}

),

members as (

    select * from {{ ref('int_campaigns__members') }}

),

orders as (

    select * from {{ ref('int_purchases__orders') }}

),

category_days as (

    select * from {{ ref('int_campaigns__category_days') }}

),

horizon as (

    select
        min(before_from_on) as from_on,
        max(measured_to) as to_on
    from populations

),

purchase_days as (

    select
        orders.customer_id,
        orders.paid_on,
        count(*) as order_count,
        sum(orders.goods_amount) as sales_amount,
        sum(orders.net_amount) as net_amount
    from orders
    inner join horizon on orders.paid_on between horizon.from_on and horizon.to_on
    group by orders.customer_id, orders.paid_on

),

people as (

    select
        campaign_code,
        population,
        customer_id,
        arm,
        min(from_on) as first_on
    from members
    group by campaign_code, population, customer_id, arm

),

bought as (

    select
        people.*,
        populations.starts_on,
        populations.product_category,
        purchase_days.paid_on,
        purchase_days.order_count,
        purchase_days.sales_amount,
        purchase_days.net_amount,
        purchase_days.paid_on >= people.first_on as is_after_entry,
        sum(
            case
                when purchase_days.paid_on >= people.first_on
                    then purchase_days.order_count
                else 0
            end
        ) over (
            partition by
                people.campaign_code, people.population, people.customer_id
            order by purchase_days.paid_on
            rows between unbounded preceding and current row
        ) as order_count_so_far
    from people
    inner join populations
        on
            people.campaign_code = populations.campaign_code
            and people.population = populations.population
    inner join purchase_days
        on
            people.customer_id = purchase_days.customer_id
            and purchase_days.paid_on
            between populations.before_from_on and populations.measured_to

),

final as (

    select
        bought.campaign_code,
        bought.population,
        bought.customer_id,
        bought.arm,
        bought.paid_on,
        bought.order_count,
        bought.order_count_so_far,
        bought.sales_amount,
        bought.net_amount,
        category_days.customer_id is not null as is_category_bought,
        bought.paid_on < bought.starts_on as is_before,
        bought.is_after_entry,
        members.customer_id is not null as is_member
    from bought
    left join members
        on
            bought.campaign_code = members.campaign_code
            and bought.population = members.population
            and bought.customer_id = members.customer_id
            and bought.paid_on between members.from_on and members.to_on
    left join category_days
        on
            bought.customer_id = category_days.customer_id
            and bought.paid_on = category_days.paid_on
            and bought.product_category = category_days.product_category

)

select * from final
