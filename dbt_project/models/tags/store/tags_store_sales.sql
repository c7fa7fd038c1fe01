-- Sales tags of stores. One row per store.

with

stores as (

    select * from {{ ref('dim_stores') }}

),

purchases as not materialized (

    select * from {{ ref('int_stores__purchases') }}

),

categories as (

    select * from {{ ref('tags_product_profile') }}

),

sales_classes as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'store_sales_class'
        and {{ as_of_date() }} between valid_from and valid_to

),

sales as (

    select
        store_code,
        count(*) as order_count,
        count(*) filter (
            where paid_on > {{ dbt.dateadd('day', -30, as_of_date()) }}
        ) as order_count_30d,
        count(staff_code) as guide_order_count,
        coalesce(sum(net_amount) filter (
            where paid_on > {{ dbt.dateadd('day', -30, as_of_date()) }}
        ), 0) as net_amount_30d,
        sum(goods_amount) as goods_amount,
        sum(net_amount) as net_amount,
        -- Share of all stores' sales that better ones have already made.
        sum(sum(net_amount)) over (
            order by sum(net_amount) desc, store_code asc
            rows between unbounded preceding and current row
        ) - sum(net_amount) as better_amount,
        sum(sum(net_amount)) over () as group_amount,
        max(paid_on) as last_paid_on
    from purchases
    group by store_code

),

-- By product first, so that goods are counted without sorting the purchases.
product_sales as (

    select
        store_code,
        product_key,
        count(*) as order_count,
        max(paid_on) as last_paid_on,
        sum(net_amount) as net_amount
    from {{ ref('int_products__purchases') }}
    where store_code is not null
    group by store_code, product_key

),

assortment as (

    select
        store_code,
        sum(order_count) as product_order_count,
        count(*) filter (
            where last_paid_on > {{ dbt.dateadd('day', -90, as_of_date()) }}
        ) as product_count_90d
    from product_sales
    group by store_code

),

ranked_categories as (

    select
        product_sales.store_code,
        categories.product_category,
        row_number() over (
            partition by product_sales.store_code
            order by sum(product_sales.net_amount) desc, categories.product_category asc
        ) as category_number
    from product_sales
    inner join categories on product_sales.product_key = categories.product_key
    group by product_sales.store_code, categories.product_category

),

final as (

    select
        stores.store_code,
        coalesce(sales.order_count_30d, 0) as store_total_order_count_30d,
        coalesce(sales.order_count, 0) as store_total_order_count_365d,
        cast(coalesce(sales.net_amount_30d, 0) as numeric(18, 2))
            as store_total_net_amount_30d,
        cast(coalesce(sales.net_amount, 0) as numeric(18, 2))
            as store_total_net_amount_365d,
        cast(sales.net_amount / sales.order_count as numeric(18, 2))
            as store_ticket_amount_365d,
        cast(assortment.product_order_count / sales.order_count as numeric(9, 2))
            as store_products_per_order_365d,
        coalesce(assortment.product_count_90d, 0) as store_product_count_90d,
        cast(
            1 - sales.net_amount / nullif(sales.goods_amount, 0) as numeric(9, 4)
        ) as store_refund_rate_365d,
        cast(
            cast(sales.guide_order_count as numeric(18, 4)) / sales.order_count
            as numeric(9, 4)
        ) as store_guide_order_rate_365d,
        ranked_categories.product_category as store_main_category_365d,
        {{ dbt.datediff('sales.last_paid_on', as_of_date(), 'day') }}
            as store_days_since_last_sale,
        coalesce(sales_classes.label, 'no_sales') as store_sales_class
    from stores
    left join sales on stores.store_code = sales.store_code
    left join assortment on stores.store_code = assortment.store_code
    left join ranked_categories
        on
            stores.store_code = ranked_categories.store_code
            and ranked_categories.category_number = 1
    left join sales_classes
        on
            sales.better_amount >= sales_classes.from_value * sales.group_amount
            and (
                sales_classes.to_value is null
                or sales.better_amount < sales_classes.to_value * sales.group_amount
            )

)

select * from final
