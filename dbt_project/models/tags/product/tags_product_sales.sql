-- Sales tags of products. One row per product.

with

products as (

    select * from {{ ref('tags_product_profile') }}

),

buyers as (

    select
        product_key,
        count(*) as buyer_count,
        count(*) filter (
            where last_paid_on > {{ dbt.dateadd('day', -90, as_of_date()) }}
        ) as buyer_count_90d
    from {{ ref('int_products__buyers') }}
    group by product_key

),

-- By channel and store first: the rest adds up from these few rows.
place_sales as (

    select
        product_key,
        channel_code,
        store_code,
        count(*) as order_count,
        count(*) filter (
            where paid_on > {{ dbt.dateadd('day', -90, as_of_date()) }}
        ) as order_count_90d,
        count(*) filter (
            where paid_on > {{ dbt.dateadd('day', -30, as_of_date()) }}
        ) as order_count_30d,
        sum(quantity) filter (
            where paid_on > {{ dbt.dateadd('day', -30, as_of_date()) }}
        ) as quantity_30d,
        sum(net_amount) filter (
            where paid_on > {{ dbt.dateadd('day', -30, as_of_date()) }}
        ) as net_amount_30d,
        sum(goods_amount) as goods_amount,
        sum(net_amount) as net_amount
    from {{ ref('int_products__purchases') }}
    group by product_key, channel_code, store_code

),

sales as (

    select
        product_key,
        sum(order_count) as order_count,
        sum(order_count_90d) as order_count_90d,
        sum(order_count_30d) as order_count_30d,
        sum(order_count) filter (where store_code is null) as online_order_count,
        count(store_code) filter (where order_count_90d > 0) as store_count_90d,
        sum(quantity_30d) as quantity_30d,
        sum(net_amount_30d) as net_amount_30d,
        sum(goods_amount) as goods_amount,
        sum(net_amount) as net_amount
    from place_sales
    group by product_key

),

ranked_channels as (

    select
        product_key,
        channel_code,
        row_number() over (
            partition by product_key
            order by sum(order_count) desc, channel_code asc
        ) as channel_number
    from place_sales
    group by product_key, channel_code

),

final as (

    select
        products.product_key,
        cast(coalesce(sales.order_count_30d, 0) as bigint) as product_order_count_30d,
        cast(coalesce(sales.order_count_90d, 0) as bigint) as product_order_count_90d,
        cast(coalesce(sales.order_count, 0) as bigint) as product_order_count_365d,
        coalesce(buyers.buyer_count_90d, 0) as product_buyer_count_90d,
        coalesce(buyers.buyer_count, 0) as product_buyer_count_365d,
        cast(coalesce(sales.quantity_30d, 0) as numeric(18, 3))
            as product_quantity_30d,
        cast(coalesce(sales.net_amount_30d, 0) as numeric(18, 2))
            as product_net_amount_30d,
        cast(coalesce(sales.net_amount, 0) as numeric(18, 2))
            as product_net_amount_365d,
        cast(case
            when sales.net_amount > 0
                then rank() over (
                    partition by products.product_category
                    order by sales.net_amount desc nulls last
                )
        end as integer) as product_category_rank_365d,
        cast(
            1 - sales.net_amount / nullif(sales.goods_amount, 0) as numeric(9, 4)
        ) as product_refund_rate_365d,
        cast(
            coalesce(sales.online_order_count, 0) / sales.order_count as numeric(9, 4)
        ) as product_online_rate_365d,
        ranked_channels.channel_code as product_main_channel_365d,
        coalesce(sales.store_count_90d, 0) as product_store_count_90d
    from products
    left join sales on products.product_key = sales.product_key
    left join buyers on products.product_key = buyers.product_key
    left join ranked_channels
        on
            products.product_key = ranked_channels.product_key
            and ranked_channels.channel_number = 1

)

select * from final
