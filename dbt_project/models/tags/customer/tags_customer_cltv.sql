-- Value tags: what the next twelve months with a customer are worth. One row per
-- customer; null without a purchase before the month began.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

scores as (

    -- A score speaks of the time after its month; a month later it is stale.
    select * from {{ source('ml', 'cltv') }}
    where {{ score_holds('base_date') }}

),

final as (

    select
        customers.customer_id,
        scores.orders_tier || '_' || scores.order_value_tier as cltv_tier,
        cast(scores.value_365d as numeric(18, 2)) as cltv_amount_365d,
        cast(scores.p_alive as numeric(9, 4)) as cltv_alive_rate
    from customers
    left join scores on customers.customer_id = scores.customer_id

)

select * from final
