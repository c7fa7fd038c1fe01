-- The states of earlier days, recomputed. One row per state code, customer known by
-- then and day of int_flow__periods. Read once, when the history of states begins.
{{ config(materialized='view') }}

with

past_days as (

    select distinct from_on as as_of_on
    from {{ ref('int_flow__periods') }}

),

ranks as (

    select * from {{ ref('state_ranks') }}

),

customer_days as (

    select
        customers.customer_id,
        past_days.as_of_on
    from {{ ref('dim_customers') }} as customers
    inner join past_days on customers.first_seen_on <= past_days.as_of_on

),

lifecycles as (

    select * from {{ ref('int_lifecycle__past') }}

),

tiers as (

    select * from {{ ref('int_value__past') }}

),

frameworks as (

    select distinct state_code
    from {{ ref('stage_signals') }}
    where scope = 'all'

),

highest as (

    select
        spells.state_code,
        spells.customer_id,
        past_days.as_of_on,
        max(spells.state_rank) as state_rank
    from {{ ref('int_signals__spells') }} as spells
    inner join past_days
        on past_days.as_of_on between spells.from_on and spells.to_on
    where spells.scope = 'all'
    group by spells.state_code, spells.customer_id, past_days.as_of_on

),

final as (

    select
        'lifecycle' as state_code,
        customer_days.customer_id,
        customer_days.as_of_on,
        coalesce(lifecycles.main_stage, 'prospect') as state
    from customer_days
    left join lifecycles
        on
            customer_days.customer_id = lifecycles.customer_id
            and customer_days.as_of_on = lifecycles.as_of_on
    union all
    select
        'value_tier' as state_code,
        customer_days.customer_id,
        customer_days.as_of_on,
        tiers.value_tier as state
    from customer_days
    inner join tiers
        on
            customer_days.customer_id = tiers.customer_id
            and customer_days.as_of_on = tiers.as_of_on
    union all
    select
        frameworks.state_code,
        customer_days.customer_id,
        customer_days.as_of_on,
        ranks.state
    from customer_days
    cross join frameworks
    left join highest
        on
            frameworks.state_code = highest.state_code
            and customer_days.customer_id = highest.customer_id
            and customer_days.as_of_on = highest.as_of_on
    inner join ranks
        on
            frameworks.state_code = ranks.state_code
            and ranks.state_rank = coalesce(highest.state_rank, 0)

)

select * from final
