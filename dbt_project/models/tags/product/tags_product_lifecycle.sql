-- Lifecycle tags of products: new, growing, dormant; hot and tail. One row per product.

with

products as (

    select * from {{ ref('tags_product_profile') }}

),

sales as (

    select * from {{ ref('tags_product_sales') }}

),

rules as (

    select * from {{ ref('product_rules') }}

),

growth as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'product_growth'
        and {{ as_of_date() }} between valid_from and valid_to

),

sales_classes as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'product_sales_class'
        and {{ as_of_date() }} between valid_from and valid_to

),

day_summary as (

    select
        product_key,
        min(occurred_on) as first_sold_on,
        max(occurred_on) as last_sold_on,
        count(*) filter (
            where occurred_on > {{ dbt.dateadd('day', -90, as_of_date()) }}
        ) as sold_day_count_90d,
        coalesce(sum(sold_quantity) filter (
            where occurred_on > {{ dbt.dateadd('day', -90, as_of_date()) }}
        ), 0) as recent_quantity,
        coalesce(sum(sold_quantity) filter (
            where
            occurred_on > {{ dbt.dateadd('day', -180, as_of_date()) }}
            and occurred_on <= {{ dbt.dateadd('day', -90, as_of_date()) }}
        ), 0) as former_quantity
    from {{ ref('fct_product_days') }}
    where first_sold_at is not null
    group by product_key

),

-- Share of the category's sales that better sellers have already made: the best one of
-- each category stands at 0 and is hot, however large it is.
better_sellers as (

    select
        products.product_key,
        sum(sales.product_net_amount_365d) over (
            partition by products.product_category
            order by sales.product_net_amount_365d desc, products.product_key asc
            rows between unbounded preceding and current row
        ) - sales.product_net_amount_365d as better_amount,
        sum(sales.product_net_amount_365d) over (
            partition by products.product_category
        ) as category_amount
    from products
    inner join sales on products.product_key = sales.product_key
    where sales.product_net_amount_365d > 0

),

final as (

    select
        products.product_key,
        day_summary.first_sold_on as product_first_sold_on,
        {{ dbt.datediff('day_summary.last_sold_on', as_of_date(), 'day') }}
            as product_days_since_last_sale,
        coalesce(day_summary.sold_day_count_90d, 0) as product_sold_day_count_90d,
        case
            when day_summary.product_key is null then 'unsold'
            when
                {{ dbt.datediff('day_summary.first_sold_on', as_of_date(), 'day') }}
                <= rules.new_days
                then 'new'
            when
                {{ dbt.datediff('day_summary.last_sold_on', as_of_date(), 'day') }}
                > rules.dormant_days
                then 'dormant'
            when day_summary.former_quantity > 0 then growth.label
            when day_summary.recent_quantity > 0 then 'growing'
            else 'declining'
        end as product_stage,
        coalesce(sales_classes.label, 'unsold') as product_sales_class
    from products
    left join rules on products.product_brand = rules.brand_code
    left join day_summary on products.product_key = day_summary.product_key
    left join growth
        on
            day_summary.recent_quantity
            >= growth.from_value * day_summary.former_quantity
            and (
                growth.to_value is null
                or day_summary.recent_quantity
                < growth.to_value * day_summary.former_quantity
            )
            and day_summary.former_quantity > 0
    left join better_sellers on products.product_key = better_sellers.product_key
    left join sales_classes
        on
            better_sellers.better_amount
            >= sales_classes.from_value * better_sellers.category_amount
            and (
                sales_classes.to_value is null
                or better_sellers.better_amount
                < sales_classes.to_value * better_sellers.category_amount
            )

)

select * from final
