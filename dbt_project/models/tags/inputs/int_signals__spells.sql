-- When each rule of the seed stage_signals held: a signal on min_days days within
-- window_days. One row per state code, scope, stage, signal, customer and day the rule
-- was met anew; spells may overlap. The stage of any day is the highest spell over it.

with

days as (

    select * from {{ ref('int_signals__days') }}

),

rules as (

    select * from {{ ref('stage_signals') }}

),

ranks as (

    select * from {{ ref('state_ranks') }}

),

rule_days as (

    select distinct
        rules.state_code,
        rules.scope,
        rules.stage,
        rules.signal_code,
        rules.window_days,
        rules.min_days,
        days.customer_id,
        days.occurred_on
    from days
    inner join rules
        on
            days.signal_code = rules.signal_code
            and rules.scope in ('all', days.brand_code)

),

met as (

    select
        *,
        -- The oldest of the last min_days days: while it is in the window, all are.
        lag(occurred_on, min_days - 1) over (
            partition by state_code, scope, stage, signal_code, customer_id
            order by occurred_on
        ) as oldest_on
    from rule_days

),

lasting as (

    select
        *,
        cast({{ dbt.dateadd('day', 'window_days - 1', 'oldest_on') }} as date) as to_on
    from met
    where oldest_on is not null

),

final as (

    select
        lasting.state_code,
        lasting.scope,
        lasting.stage,
        ranks.state_rank,
        lasting.signal_code,
        lasting.customer_id,
        lasting.occurred_on as from_on,
        lasting.to_on
    from lasting
    inner join ranks
        on
            lasting.state_code = ranks.state_code
            and lasting.stage = ranks.state
    where lasting.to_on >= lasting.occurred_on

)

select * from final
