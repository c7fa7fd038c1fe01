-- Category tags: what runs out when. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

consumables as (

    select * from {{ ref('int_purchases__consumables') }}

),

-- Days of use that each day's purchases bring. Gifts are used up too.
supplies as (

    select
        customer_id,
        category,
        paid_on,
        cast(floor(sum(kept_quantity * product_consumption_days)) as integer)
            as supply_days
    from consumables
    where product_consumption_days is not null
    group by customer_id, category, paid_on

),

-- Buying before the last pack is empty adds up: the stock ends at the latest of
-- "bought on a day + everything bought from that day on".
stocks as (

    select
        customer_id,
        category,
        paid_on,
        sum(supply_days) over (
            partition by customer_id, category
            order by paid_on
            rows between current row and unbounded following
        ) as supply_days_from_here
    from supplies

),

stock_ends as (

    select
        customer_id,
        category,
        max(paid_on) as last_paid_on,
        count(*) filter (
            where paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ) as purchase_days_365d,
        cast(
            max({{ dbt.dateadd('day', 'supply_days_from_here', 'paid_on') }}) as date
        ) as run_out_on
    from stocks
    group by customer_id, category

),

-- The main consumable: bought on most days of the year, else last.
ranked_stock_ends as (

    select
        customer_id,
        run_out_on,
        row_number() over (
            partition by customer_id
            order by
                purchase_days_365d desc, last_paid_on desc, category asc
        ) as category_number
    from stock_ends

),

-- Two stages on one day are two children: the younger one decides.
ranked_formula_days as (

    select
        customer_id,
        min(product_formula_stage) as formula_stage,
        row_number() over (partition by customer_id order by paid_on desc)
            as formula_day_number
    from consumables
    where
        product_formula_stage is not null
        and line_type = 'sale'
    group by customer_id, paid_on

),

final as (

    select
        customers.customer_id,
        ranked_stock_ends.run_out_on as category_run_out_on,
        ranked_formula_days.formula_stage as category_formula_stage
    from customers
    left join ranked_stock_ends
        on
            customers.customer_id = ranked_stock_ends.customer_id
            and ranked_stock_ends.category_number = 1
    left join ranked_formula_days
        on
            customers.customer_id = ranked_formula_days.customer_id
            and ranked_formula_days.formula_day_number = 1

)

select * from final
