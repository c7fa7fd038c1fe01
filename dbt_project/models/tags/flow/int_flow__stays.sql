-- From when to when somebody was in a state, under the id of then. One row per state
-- code, customer and stay: on day D the state is that of valid_from <= D and valid_to
-- null or > D. A day that was corrected counts as it was last seen.
{{ config(materialized='view') }}

with

day_ends as (

    select
        *,
        row_number() over (
            partition by state_code, customer_id, on_date order by change_no desc
        ) as recency
    from {{ ref('int_flow__changes') }}

),

compared as (

    select
        *,
        lag(state) over (
            partition by state_code, customer_id order by on_date
        ) as previous_state
    from day_ends
    where recency = 1

),

stays as (

    select
        state_code,
        customer_id,
        state,
        on_date as valid_from,
        lead(on_date) over (
            partition by state_code, customer_id order by on_date
        ) as valid_to,
        is_recomputed
    from compared
    where state is distinct from previous_state

)

select * from stays
where state is not null
