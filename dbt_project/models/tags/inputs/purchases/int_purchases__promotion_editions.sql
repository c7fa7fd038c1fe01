-- What a customer bought in the promotions, edition by edition. One row per customer
-- who bought in a promotion.

with

promotions as (

    select
        *,
        row_number() over (
            partition by customer_id
            order by paid_on desc, parent_order_key desc
        ) as latest_number
    from {{ ref('int_purchases__promotions') }}

),

final as (

    select
        customer_id,
        count(distinct promotion_year) filter (
            where promotion_code = 'double11' and years_before_latest < 3
        ) as double11_count_3y,
        count(distinct promotion_code || cast(promotion_year as varchar)) filter (
            where paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ) as edition_count_365d,
        max(promotion_code) filter (where latest_number = 1) as last_promotion,
        max(paid_on) as last_promotion_on,
        sum(net_amount) filter (
            where promotion_code = '618' and years_before_latest = 0
        ) as six18_net_amount,
        sum(net_amount) filter (
            where promotion_code = 'double11' and years_before_latest = 0
        ) as double11_net_amount,
        sum(net_amount) filter (
            where promotion_code = 'double12' and years_before_latest = 0
        ) as double12_net_amount,
        sum(net_amount) filter (
            where promotion_code = 'new_year_goods' and years_before_latest = 0
        ) as new_year_goods_net_amount
    from promotions
    group by customer_id

)

select * from final
