-- People at the stores' doors, and what the tills took from them. One row per store and
-- hour in which a counter saw anybody.

with

counts as (

    select * from {{ ref('int_store_traffic__unioned') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where store_code is not null and is_valid_order

),

traffic as (

    select
        channel_code,
        shop_code,
        store_code,
        started_at,
        occurred_on,
        sum(entry_count) as entry_count,
        -- A counter that sees only its door knows no passers: then nobody does.
        case when count(passer_count) = count(*) then sum(passer_count) end
            as passer_count
    from counts
    group by channel_code, shop_code, store_code, started_at, occurred_on

),

sales as (

    select
        store_code,
        {{ dbt.date_trunc('hour', 'paid_at') }} as started_at,
        count(*) as receipt_count,
        sum(goods_amount) as goods_amount
    from orders
    group by store_code, {{ dbt.date_trunc('hour', 'paid_at') }}

),

final as (

    select
        {{ bigint_key([
            'traffic.channel_code', 'traffic.store_code', 'traffic.occurred_on',
            local_hour('traffic.started_at'),
        ]) }} as traffic_key,
        traffic.channel_code,
        traffic.shop_code,
        traffic.store_code,
        traffic.started_at,
        traffic.occurred_on,
        cast({{ local_hour('traffic.started_at') }} as int) as hour_of_day,
        cast(traffic.entry_count as bigint) as entry_count,
        cast(traffic.passer_count as bigint) as passer_count,
        coalesce(sales.receipt_count, 0) as receipt_count,
        coalesce(sales.goods_amount, 0) as goods_amount
    from traffic
    left join sales
        on
            traffic.store_code = sales.store_code
            and traffic.started_at = sales.started_at

)

select * from final
