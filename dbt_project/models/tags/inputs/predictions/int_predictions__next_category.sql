-- The category to open up with a customer: the most likely one not bought in 365 days.
-- One row per customer whose list, of the month, has one left.

with

candidates as (

    select * from {{ source('ml', 'category_recommendation') }}
    where
        kind = 'new'
        and {{ score_holds('base_date') }}

),

-- Those of the list that were bought since it was made give way to the next.
bought as (

    select * from {{ ref('int_purchases__categories') }}
    where last_paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}

),

ranked as (

    select
        candidates.customer_id,
        candidates.product_category,
        row_number() over (
            partition by candidates.customer_id order by candidates.list_position
        ) as place
    from candidates
    left join bought
        on
            candidates.customer_id = bought.customer_id
            and candidates.product_category = bought.product_category
    where bought.customer_id is null

)

select
    customer_id,
    product_category as next_category
from ranked
where place = 1
