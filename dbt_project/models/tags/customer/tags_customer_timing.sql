-- Timing tags: when a customer buys next. One row per customer; null without a purchase
-- before the month began. The chance of a single day is in ml.purchase_day_probability.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

scores as (

    -- Chances count from base_date; a month later they are stale.
    select * from {{ source('ml', 'purchase_time') }}
    where {{ score_holds('base_date') }}

),

final as (

    select
        customers.customer_id,
        scores.expected_on as timing_next_purchase_on,
        cast(scores.probability_7d as numeric(9, 4)) as timing_purchase_rate_7d,
        cast(scores.probability_30d as numeric(9, 4)) as timing_purchase_rate_30d
    from customers
    left join scores on customers.customer_id = scores.customer_id

)

select * from final
