-- What a customer bought of the main brand, in the measures that the evidence is binned
-- by: as feat_customer_brand defines them, but on any day. One row per customer.

with

order_lines as (

    select
        *,
        {{ dbt.datediff('paid_on', as_of_date(), 'day') }} as days_ago
    from {{ ref('fct_order_lines') }}
    where
        is_valid_line
        and customer_id is not null

),

main_brands as (

    select * from {{ ref('int_purchases__brands') }}
    where is_main_brand

),

daily as (

    select
        main_brands.customer_id,
        main_brands.brand_code,
        order_lines.paid_on,
        min(order_lines.days_ago) as days_ago,
        count(*) as line_count,
        sum(order_lines.goods_amount) as goods_amount,
        count(*) filter (
            where order_lines.list_amount > order_lines.goods_amount
        ) as discounted_count,
        count(*) filter (where order_lines.channel_code <> 'pos') as online_count,
        row_number() over (
            partition by
                main_brands.customer_id,
                {{ dbt.date_trunc('month', 'order_lines.paid_on') }}
            order by order_lines.paid_on
        ) as day_of_month_no
    from order_lines
    inner join main_brands
        on
            order_lines.customer_id = main_brands.customer_id
            and order_lines.brand_code = main_brands.brand_code
    group by
        main_brands.customer_id, main_brands.brand_code, order_lines.paid_on

),

summary as (

    select
        customer_id,
        brand_code,
        min(days_ago) as days_since_last_purchase,
        count(*) filter (where days_ago < 90) as purchase_days_90d,
        coalesce(sum(goods_amount) filter (where days_ago < 365), 0)
            as goods_amount_365d,
        count(*) filter (where day_of_month_no = 1 and days_ago < 365)
            as purchase_months_365d,
        sum(line_count) filter (where days_ago < 180) as line_count_180d,
        sum(discounted_count) filter (where days_ago < 180) as discounted_count_180d,
        sum(online_count) filter (where days_ago < 180) as online_count_180d
    from daily
    group by customer_id, brand_code

),

final as (

    select
        customer_id,
        brand_code,
        days_since_last_purchase,
        purchase_days_90d,
        goods_amount_365d,
        purchase_months_365d,
        cast(discounted_count_180d as numeric(18, 4)) / line_count_180d
            as discounted_line_rate_180d,
        cast(online_count_180d as numeric(18, 4)) / line_count_180d
            as online_line_rate_180d
    from summary

)

select * from final
