-- The states of base_date whose changes are recorded. One row per state code and
-- customer who has one; who never ordered has no value tier.
{{ config(materialized='view') }}

with

customers as (

    select * from {{ ref('dim_customers') }}

),

main_stages as (

    select * from {{ ref('int_lifecycle__stages') }}
    where is_main_brand

),

final as (

    select
        'lifecycle' as state_code,
        customers.customer_id,
        coalesce(main_stages.brand_stage, 'prospect') as state
    from customers
    left join main_stages on customers.customer_id = main_stages.customer_id
    union all
    select
        'value_tier' as state_code,
        customer_id,
        value_tier as state
    from {{ ref('int_value__tiers') }}
    union all
    select
        state_code,
        customer_id,
        reached_stage as state
    from {{ ref('int_signals__stages') }}
    where scope = 'all'

)

select * from final
