-- The AIPL and 5A stage of base_date: the highest of which a rule holds, else
-- opportunity. One row per state code, scope (all, or a brand) and customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

ranks as (

    select * from {{ ref('state_ranks') }}

),

scopes as (

    select distinct
        state_code,
        scope
    from {{ ref('stage_signals') }}

),

highest as (

    select
        state_code,
        scope,
        customer_id,
        max(state_rank) as state_rank
    from {{ ref('int_signals__spells') }}
    where {{ as_of_date() }} between from_on and to_on
    group by state_code, scope, customer_id

),

final as (

    select
        scopes.state_code,
        scopes.scope,
        customers.customer_id,
        ranks.state as reached_stage
    from customers
    cross join scopes
    left join highest
        on
            scopes.state_code = highest.state_code
            and scopes.scope = highest.scope
            and customers.customer_id = highest.customer_id
    inner join ranks
        on
            scopes.state_code = ranks.state_code
            and ranks.state_rank = coalesce(highest.state_rank, 0)

)

select * from final
