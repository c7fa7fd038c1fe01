-- From when to when the rules of a stage (seed stage_signals) held: a signal on
-- min_days days within window_days. One row per state code, scope, stage, customer and
-- spell; those of a stage do not overlap. The stage of any day is the highest with a
-- spell over it.
{{ config(materialized='incremental', incremental_strategy='due_customers') }}

with

days as (

    select * from {{ ref('int_signals__days') }}
    where {{ is_due('int_facts__due') }}

),

-- Millions of rows are sorted by numbers of rules and stages, not by their names.
rules as (

    select
        *,
        row_number() over (order by state_code, scope, stage, signal_code) as rule_no,
        dense_rank() over (order by state_code, scope, stage) as stage_no
    from {{ ref('stage_signals') }}

),

stages as (

    select distinct
        rules.stage_no,
        rules.state_code,
        rules.scope,
        rules.stage,
        ranks.state_rank
    from rules
    inner join {{ ref('state_ranks') }} as ranks
        on
            rules.state_code = ranks.state_code
            and rules.stage = ranks.state

),

rule_days as (

    select distinct
        days.customer_id,
        rules.rule_no,
        days.occurred_on
    from days
    inner join rules
        on
            days.signal_code = rules.signal_code
            and rules.scope in ('all', days.brand_code)

),

met as (

    select
        rule_days.customer_id,
        rules.stage_no,
        rules.window_days,
        rule_days.occurred_on,
        -- The oldest of the last min_days days: while it is in the window, all are.
        lag(rule_days.occurred_on, rules.min_days - 1) over (
            partition by rule_days.customer_id, rule_days.rule_no
            order by rule_days.occurred_on
        ) as oldest_on
    from rule_days
    inner join rules on rule_days.rule_no = rules.rule_no

),

lasting as (

    select
        customer_id,
        stage_no,
        occurred_on,
        max(
            cast({{ dbt.dateadd('day', 'window_days - 1', 'oldest_on') }} as date)
        ) as to_on
    from met
    group by customer_id, stage_no, occurred_on

),

-- Spells that overlap or touch are one: it begins where all before have ended.
beginnings as (

    select
        *,
        case
            when occurred_on <= 1 + max(to_on) over (
                partition by customer_id, stage_no
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
            partition by customer_id, stage_no order by occurred_on
        ) as spell_no
    from beginnings

),

spells as (

    select
        customer_id,
        stage_no,
        min(occurred_on) as from_on,
        max(to_on) as to_on,
        max(occurred_on) as last_met_on
    from counted
    group by customer_id, stage_no, spell_no

),

final as (

    select
        stages.state_code,
        stages.scope,
        stages.stage,
        stages.state_rank,
        spells.customer_id,
        spells.from_on,
        spells.to_on,
        spells.last_met_on
    from spells
    inner join stages on spells.stage_no = stages.stage_no

)

select * from final
