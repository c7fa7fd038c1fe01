-- When each customer last bought each category in each month. One row per customer,
-- category and month with a purchase: as of a month end, every row up to that month is
-- complete, so the breadth of a window can be counted without order lines.

with

order_lines as (

    select * from {{ ref('fct_order_lines') }}
    where
        is_valid_line
        and customer_id is not null
        and category is not null

),

final as (

    select
        customer_id,
        category,
        max(paid_on) as last_paid_on
    from order_lines
    group by
        customer_id,
        category,
        {{ dbt.date_trunc('month', 'paid_on') }}

)

select * from final
