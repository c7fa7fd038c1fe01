-- Which state a customer came to on which day. One row per state code, customer and
-- change, numbered; state is null when the customer is no longer there. Append-only:
-- it cannot be rebuilt, so a full refresh leaves it alone; running a day again adds
-- only what changed since. It begins with the recomputed states of earlier days
-- (is_recomputed).
{{ config(materialized='incremental', full_refresh=false) }}

with

today as (

    select * from {{ ref('int_flow__today') }}

),

numbered as (

    select
        *,
        row_number() over (
            partition by state_code, customer_id order by change_no desc
        ) as recency
    from {{ rows_so_far({
        'state_code': 'text', 'customer_id': 'bigint',
        'change_no': 'bigint', 'state': 'text',
    }) }} as so_far

),

recorded as (

    select * from numbered
    where recency = 1

),

observed as (

    select
        state_code,
        customer_id,
        state,
        as_of_on as on_date,
        true as is_recomputed
    from {{ ref('int_flow__past') }}
    -- Only when nothing has been recorded yet; else the view is not even read.
    where not {{ is_incremental() }}
    union all
    select
        state_code,
        customer_id,
        state,
        {{ as_of_date() }} as on_date,
        false as is_recomputed
    from today
    union all
    select
        recorded.state_code,
        recorded.customer_id,
        null as state,
        {{ as_of_date() }} as on_date,
        false as is_recomputed
    from recorded
    left join today
        on
            recorded.state_code = today.state_code
            and recorded.customer_id = today.customer_id
    where today.customer_id is null

),

compared as (

    select
        observed.*,
        coalesce(recorded.change_no, 0) as last_change_no,
        lag(observed.state, 1, recorded.state) over (
            partition by observed.state_code, observed.customer_id
            order by observed.on_date
        ) as previous_state
    from observed
    left join recorded
        on
            observed.state_code = recorded.state_code
            and observed.customer_id = recorded.customer_id

),

final as (

    select
        state_code,
        customer_id,
        last_change_no + row_number() over (
            partition by state_code, customer_id order by on_date
        ) as change_no,
        state,
        on_date,
        is_recomputed,
        '{{ invocation_id }}' as run_id
    from compared
    where state is distinct from previous_state

)

select * from final
