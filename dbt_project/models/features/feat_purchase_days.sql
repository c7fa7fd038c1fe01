-- What each customer bought of each brand, day by day. One row per customer, brand and
-- day of purchase. The only feature model that scans order lines: those per base_date
-- read it. Later rows never change an earlier one: a gap looks backwards only.

with

order_lines as (

    select * from {{ ref('fct_order_lines') }}
    where is_valid_line and customer_id is not null

),

daily as (

    select
        customer_id,
        brand_code,
        paid_on,
        count(*) as line_count,
        sum(quantity) as quantity,
        sum(goods_amount) as goods_amount,
        sum(list_amount) as list_amount,
        count(*) filter (where list_amount > goods_amount) as discounted_line_count,
        count(*) filter (where coupon_amount > 0) as coupon_line_count,
        count(*) filter (where channel_code <> 'pos') as online_line_count
    from order_lines
    group by customer_id, brand_code, paid_on

),

with_previous as (

    select
        *,
        lag(paid_on) over (
            partition by customer_id, brand_code order by paid_on
        ) as previous_paid_on
    from daily

),

final as (

    select
        customer_id,
        brand_code,
        paid_on,
        line_count,
        quantity,
        goods_amount,
        list_amount,
        discounted_line_count,
        coupon_line_count,
        online_line_count,
        {{ dbt.datediff('previous_paid_on', 'paid_on', 'day') }} as gap_days,
        -- Months with a purchase can then be counted per base_date without a distinct.
        coalesce(
            {{ dbt.date_trunc('month', 'previous_paid_on') }}
            < {{ dbt.date_trunc('month', 'paid_on') }},
            true
        ) as is_first_of_month
    from with_previous

)

select * from final
