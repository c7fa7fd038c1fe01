-- From when to when the rules of a stage (seed stage_signals) held: a signal on
-- min_days days within window_days. One row per state code, scope, stage, customer and
-- spell; those of a stage do not overlap. The stage of any day is the highest with a
-- spell over it.

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
        state_code,
        scope,
        stage,
        customer_id,
        occurred_on,
        cast({{ dbt.dateadd('day', 'window_days - 1', 'oldest_on') }} as date) as to_on
    from met
    where oldest_on is not null

),

-- Spells that overlap or touch are one: it begins where all before have ended.
beginnings as (

    select
        *,
        case
            when occurred_on <= 1 + max(to_on) over (
                partition by state_code, scope, stage, customer_id
                order by occurred_on
                rows between unbounded preceding and 1 preceding
            ) then 0
            else 1
        end as is_beginning
    from lasting
    where to_on >= occurred_on

),

counted as (

    select
        *,
        sum(is_beginning) over (
            partition by state_code, scope, stage, customer_id
            order by occurred_on
            rows between unbounded preceding and current row
        ) as spell_no
    from beginnings

),

final as (

    select
        counted.state_code,
        counted.scope,
        counted.stage,
        ranks.state_rank,
        counted.customer_id,
        min(counted.occurred_on) as from_on,
        max(counted.to_on) as to_on,
        max(counted.occurred_on) as last_met_on
    from counted
    inner join ranks
        on
            counted.state_code = ranks.state_code
            and counted.stage = ranks.state
    group by
        counted.state_code,
        counted.scope,
        counted.stage,
        ranks.state_rank,
        counted.customer_id,
        counted.spell_no

)

select * from final
