-- When each kind of consumable a customer bought is used up. One row per customer and
-- category of the item master; a category belongs to one brand.

with

consumables as (

    select * from {{ ref('int_purchases__consumables') }}
    where product_consumption_days is not null

),

-- Days of use that each day's purchases bring. Gifts are used up too.
supplies as (

    select
        customer_id,
        category,
        paid_on,
        min(product_category) as product_category,
        min(brand_code) as brand_code,
        cast(floor(sum(kept_quantity * product_consumption_days)) as integer)
            as supply_days
    from consumables
    group by customer_id, category, paid_on

),

-- Buying before the last pack is empty adds up: the stock ends at the latest of
-- "bought on a day + everything bought from that day on".
stocks as (

    select
        customer_id,
        category,
        product_category,
        brand_code,
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
        min(product_category) as product_category,
        min(brand_code) as brand_code,
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

final as (

    select
        *,
        -- The main consumable: bought on most days of the year, else last.
        row_number() over (
            partition by customer_id
            order by purchase_days_365d desc, last_paid_on desc, category asc
        ) = 1 as is_main,
        row_number() over (
            partition by customer_id, brand_code
            order by purchase_days_365d desc, last_paid_on desc, category asc
        ) = 1 as is_main_of_brand
    from stock_ends

)

select * from final
