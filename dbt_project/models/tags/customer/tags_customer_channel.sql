-- Channel tags. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

channels as (

    select * from {{ ref('int_purchases__channels') }}

),

totals as (

    select
        customer_id,
        -- The first order is the first paid one, whenever its channel was connected.
        min(channel_code) filter (where first_number = 1) as first_channel,
        min(channel_code) filter (where first_number = 2) as second_channel,
        min(channel_code) filter (where last_number = 1) as last_channel,
        min(channel_code) filter (where spend_number = 1 and order_count_365d > 0)
            as main_channel,
        count(*) filter (where order_count_365d > 0) as channel_count,
        min(first_paid_on) as first_paid_on,
        min(first_paid_on) filter (where first_number = 2) as second_paid_on,
        sum(order_count_365d) filter (where channel_code = 'tmall') as tmall_count,
        sum(order_count_365d) filter (where channel_code = 'youzan') as youzan_count,
        sum(order_count_365d) filter (where channel_code = 'douyin') as douyin_count,
        sum(net_amount_365d) as net_amount,
        coalesce(sum(net_amount_365d) filter (where side = 'online'), 0)
            as online_amount,
        coalesce(sum(net_amount_365d) filter (where domain = 'private'), 0)
            as private_amount,
        min(first_paid_at) filter (where side = 'online') as online_since,
        min(first_paid_at) filter (where side = 'offline') as offline_since,
        min(first_paid_on) filter (where side = 'online') as online_on,
        min(first_paid_on) filter (where side = 'offline') as offline_on,
        max(last_paid_on) filter (where side = 'online') as last_online_on,
        min(first_paid_at) filter (where domain = 'public') as public_since,
        min(first_paid_at) filter (where domain = 'private') as private_since,
        min(first_paid_on) filter (where domain = 'private') as private_on
    from channels
    group by customer_id

),

domain_summary as (

    select
        customer_id,
        domain,
        row_number() over (
            partition by customer_id
            order by sum(net_amount_365d) desc, max(last_paid_at) desc, domain asc
        ) as domain_number
    from channels
    where order_count_365d > 0
    group by customer_id, domain

),

final as (

    select
        customers.customer_id,
        totals.first_channel as channel_first_channel,
        coalesce(totals.channel_count, 0) >= 2 as channel_is_cross_channel_365d,
        totals.main_channel as channel_main_channel_365d,
        totals.last_channel as channel_last_channel,
        totals.second_channel as channel_second_channel,
        {{ dbt.datediff('totals.first_paid_on', 'totals.second_paid_on', 'day') }}
            as channel_days_to_second_channel,
        coalesce(totals.channel_count, 0) as channel_count_365d,
        cast(coalesce(totals.tmall_count, 0) as bigint)
            as channel_tmall_order_count_365d,
        cast(coalesce(totals.youzan_count, 0) as bigint)
            as channel_youzan_order_count_365d,
        cast(coalesce(totals.douyin_count, 0) as bigint)
            as channel_douyin_order_count_365d,
        cast(
            totals.online_amount / nullif(totals.net_amount, 0) as numeric(9, 4)
        ) as channel_online_amount_rate_365d,
        cast(
            totals.private_amount / nullif(totals.net_amount, 0) as numeric(9, 4)
        ) as channel_private_amount_rate_365d,
        main_domains.domain as channel_main_domain_365d,
        case
            when totals.online_since < totals.offline_since then 'online_to_offline'
            when totals.offline_since <= totals.online_since then 'offline_to_online'
            when totals.online_since is not null then 'online_only'
            when totals.offline_since is not null then 'offline_only'
        end as channel_route,
        case
            when totals.online_on is not null and totals.offline_on is not null
                then greatest(totals.online_on, totals.offline_on)
        end as channel_crossed_on,
        case
            when totals.public_since < totals.private_since then totals.private_on
        end as channel_public_to_private_on,
        {{ dbt.datediff('totals.last_online_on', as_of_date(), 'day') }}
            as channel_days_since_last_online_order
    from customers
    left join totals
        on customers.customer_id = totals.customer_id
    left join domain_summary as main_domains
        on
            customers.customer_id = main_domains.customer_id
            and main_domains.domain_number = 1

)

select * from final
