-- 5A tags: aware, appeal, ask, act, advocate by the rules of the seed stage_signals,
-- and the signals that carry somebody on. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

stages as (

    select * from {{ ref('int_signals__stages') }}
    where
        state_code = 'five_a'
        and scope = 'all'

),

spell_summary as (

    select
        customer_id,
        min(from_on) filter (where stage = 'appeal') as appeal_on,
        min(from_on) filter (where stage = 'ask') as ask_on,
        max(last_met_on) filter (where stage = 'ask') as last_ask_on,
        min(from_on) filter (where stage = 'advocate') as advocate_on
    from {{ ref('int_signals__spells') }}
    where
        state_code = 'five_a'
        and scope = 'all'
    group by customer_id

),

stage_signals as (

    select
        signal_code,
        max(stage) filter (where stage = 'ask') as ask_stage
    from {{ ref('stage_signals') }}
    where
        state_code = 'five_a'
        and scope = 'all'
    group by signal_code

),

signal_summary as (

    select
        signals.customer_id,
        count(distinct signals.signal_code) as signal_count_30d,
        count(distinct signals.occurred_on) filter (
            where stage_signals.ask_stage is not null
        ) as ask_days_30d
    from {{ ref('int_signals__days') }} as signals
    inner join stage_signals on signals.signal_code = stage_signals.signal_code
    where signals.occurred_on > {{ dbt.dateadd('day', -30, as_of_date()) }}
    group by signals.customer_id

),

flow as (

    select * from {{ ref('int_flow__now') }}
    where state_code = 'five_a'

),

final as (

    select
        customers.customer_id,
        stages.reached_stage as five_a_stage,
        flow.entered_on as five_a_entered_on,
        flow.days_in_state as five_a_stage_days,
        flow.previous_state as five_a_previous_stage,
        flow.state_30d_ago as five_a_stage_30d_ago,
        flow.direction_30d as five_a_direction_30d,
        spell_summary.appeal_on as five_a_appeal_on,
        spell_summary.ask_on as five_a_ask_on,
        spell_summary.last_ask_on as five_a_last_ask_on,
        spell_summary.advocate_on as five_a_advocate_on,
        cast(coalesce(signal_summary.ask_days_30d, 0) as integer)
            as five_a_ask_days_30d,
        coalesce(signal_summary.signal_count_30d, 0) as five_a_signal_count_30d
    from customers
    left join stages on customers.customer_id = stages.customer_id
    left join spell_summary on customers.customer_id = spell_summary.customer_id
    left join signal_summary on customers.customer_id = signal_summary.customer_id
    left join flow on customers.customer_id = flow.customer_id

)

select * from final
