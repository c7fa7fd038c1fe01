-- Merges and splits. One row per run and pair of customers between which nodes moved;
-- derived from the append-only log, so a row once there never changes.

with

moves as not materialized (

    select * from {{ ref('oneid_assignments') }}
    where previous_customer_id is not null

),

balance_changes as (

    select
        run_no,
        customer_id,
        count(*) as node_change
    from {{ ref('oneid_assignments') }}
    where customer_id is not null
    group by run_no, customer_id
    union all
    select
        run_no,
        previous_customer_id as customer_id,
        -count(*) as node_change
    from moves
    group by run_no, previous_customer_id

),

run_changes as (

    select
        run_no,
        customer_id,
        sum(node_change) as node_change
    from balance_changes
    group by run_no, customer_id

),

balances as (

    select
        run_no,
        customer_id,
        sum(node_change) over (partition by customer_id order by run_no) as node_count
    from run_changes

),

final as (

    select
        moves.run_no,
        moves.assigned_on as occurred_on,
        moves.previous_customer_id as from_customer_id,
        moves.customer_id as to_customer_id,
        case when max(balances.node_count) = 0 then 'merge' else 'split' end as op,
        count(*) as node_count,
        min(moves.node_id) as cause_node_id
    from moves
    inner join balances
        on
            moves.previous_customer_id = balances.customer_id
            and moves.run_no = balances.run_no
    where moves.customer_id is not null
    group by
        moves.run_no,
        moves.assigned_on,
        moves.previous_customer_id,
        moves.customer_id

)

select * from final
