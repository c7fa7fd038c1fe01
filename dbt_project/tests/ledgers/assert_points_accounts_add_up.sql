-- The sums of the ledger are the balances, which are never below zero.

with

ledger_summary as (

    select
        customer_id,
        pool_code,
        sum(points) as points,
        sum(pending_points) as pending_points,
        sum(debt_points) as debt_points
    from {{ ref('fct_points_ledger') }}
    group by customer_id, pool_code

),

balances as (

    select * from {{ ref('mart_points_balances') }}

)

select
    coalesce(ledger_summary.customer_id, balances.customer_id) as customer_id,
    coalesce(ledger_summary.pool_code, balances.pool_code) as pool_code
from ledger_summary
full outer join balances
    on
        ledger_summary.customer_id = balances.customer_id
        and ledger_summary.pool_code = balances.pool_code
where
    ledger_summary.points is distinct from balances.available_points
    or ledger_summary.pending_points is distinct from balances.pending_points
    or ledger_summary.debt_points is distinct from balances.debt_points
    or least(
        balances.available_points, balances.pending_points, balances.debt_points
    ) < 0
