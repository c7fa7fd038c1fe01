-- Points tags: lots of earned points, the one that ends first spent first.
-- One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

entries as (

    select * from {{ ref('fct_points') }}
    where customer_id is not null

),

earned as (

    select * from {{ ref('int_points__lots') }}

),

lots as (

    select
        *,
        sum(points) over (
            partition by customer_id, channel_code, shop_code
            order by expires_on asc nulls last, lot_key asc
        ) as points_through_lot
    from earned
    where points > 0

),

-- Redeemed, less what a cancelled order gave back; more taken back than was earned is
-- a debt.
spends as (

    select
        customer_id,
        channel_code,
        shop_code,
        occurred_on as spent_on,
        -points as points
    from entries
    where
        entry_type = 'redeem'
        or (entry_type = 'return' and points > 0)
    union all
    select
        customer_id,
        channel_code,
        shop_code,
        last_entry_on as spent_on,
        -points as points
    from earned
    where points < 0

),

timeline as (

    select
        customer_id,
        channel_code,
        shop_code,
        spent_on as happened_on,
        points as spent_points,
        cast(null as bigint) as ended_points
    from spends
    union all
    select
        customer_id,
        channel_code,
        shop_code,
        expires_on as happened_on,
        0 as spent_points,
        points_through_lot as ended_points
    from lots
    where expires_on <= {{ as_of_date() }}

),

spent_later as (

    select
        *,
        sum(spent_points) over (
            partition by customer_id, channel_code, shop_code
            order by happened_on desc, ended_points asc nulls last
            rows between unbounded preceding and current row
        ) as spent_points_after
    from timeline

),

-- Gone = spent, or ended unspent: when a lot ends, everything up to it is gone.
gone as (

    select
        customer_id,
        channel_code,
        shop_code,
        greatest(
            sum(spent_points), max(ended_points + spent_points_after), 0
        ) as gone_points
    from spent_later
    group by customer_id, channel_code, shop_code

),

expiring as (

    select
        lots.customer_id,
        sum(
            least(
                lots.points,
                greatest(lots.points_through_lot - coalesce(gone.gone_points, 0), 0)
            )
        ) as expiring_count
    from lots
    left join gone
        on
            lots.customer_id = gone.customer_id
            and lots.channel_code = gone.channel_code
            and lots.shop_code = gone.shop_code
    where
        lots.expires_on > {{ as_of_date() }}
        and lots.expires_on <= {{ dbt.dateadd('day', 30, as_of_date()) }}
    group by lots.customer_id

),

final as (

    select
        customers.customer_id,
        cast(coalesce(expiring.expiring_count, 0) as bigint)
            as points_expiring_count_30d
    from customers
    left join expiring on customers.customer_id = expiring.customer_id

)

select * from final
