-- From which state to which one, over each period of int_flow__periods. One row per
-- state code, period and pair of states; none is who had no state on that day.
{{ config(materialized='view') }}

with

periods as (

    select * from {{ ref('int_flow__periods') }}

),

stays as (

    select * from {{ ref('int_flow__stays') }}

),

ends as (

    select
        stays.state_code,
        stays.customer_id,
        periods.period,
        periods.from_on,
        periods.to_on,
        stays.state as from_state,
        null as to_state
    from stays
    inner join periods
        on
            stays.valid_from <= periods.from_on
            and (stays.valid_to is null or stays.valid_to > periods.from_on)
    union all
    select
        stays.state_code,
        stays.customer_id,
        periods.period,
        periods.from_on,
        periods.to_on,
        null as from_state,
        stays.state as to_state
    from stays
    inner join periods
        on
            stays.valid_from <= periods.to_on
            and (stays.valid_to is null or stays.valid_to > periods.to_on)

),

moves as (

    select
        state_code,
        customer_id,
        period,
        from_on,
        to_on,
        coalesce(max(from_state), 'none') as from_state,
        coalesce(max(to_state), 'none') as to_state
    from ends
    group by state_code, customer_id, period, from_on, to_on

),

counted as (

    select
        state_code,
        period,
        from_on,
        to_on,
        from_state,
        to_state,
        count(*) as customer_count
    from moves
    group by state_code, period, from_on, to_on, from_state, to_state

),

final as (

    select
        *,
        cast(
            customer_count / sum(customer_count) over (
                partition by state_code, period, from_on, from_state
            ) as numeric(9, 4)
        ) as from_state_rate
    from counted

)

select * from final
