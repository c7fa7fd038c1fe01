-- What campaigns have changed so far: treated people beside the control, since they
-- came in, and whether the arms were alike before the start. One row per base_date,
-- campaign, population and KPI. A day run twice replaces that day; a full refresh
-- leaves the others alone. Intervals are Welch's, of shares by Agresti and Caffo.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='base_date',
    full_refresh=false,
) }}

with

estimates as (

    select * from {{ ref('int_campaigns__estimates') }}

),

rules as (

    select * from {{ ref('campaign_rules') }}

),

compared as (

    select
        treated.campaign_code,
        treated.population,
        treated.kpi,
        treated.kind,
        treated.period,
        treated.person_count as treated_count,
        control.person_count as control_count,
        treated.estimate as treated_estimate,
        control.estimate as control_estimate,
        treated.estimate - control.estimate as difference,
        treated.center - control.center as center,
        sqrt(treated.variance + control.variance) as standard_error,
        power(treated.variance + control.variance, 2)
        / nullif(
            power(treated.variance, 2) / nullif(treated.person_count - 1, 0)
            + power(control.variance, 2) / nullif(control.person_count - 1, 0),
            0
        ) as freedom,
        case
            when treated.period = 'before' then rules.balance_z else rules.lift_z
        end as normal_quantile,
        least(treated.person_count, control.person_count) < rules.min_people
            as is_too_small
    from estimates as treated
    inner join estimates as control
        on
            treated.campaign_code = control.campaign_code
            and treated.population = control.population
            and treated.kpi = control.kpi
            and treated.period = control.period
    cross join rules
    where treated.arm = 'treated' and control.arm = 'control'

),

bounded as (

    select
        *,
        standard_error
        * case
            when kind = 'share' then normal_quantile
            -- Without any variance the quantile does not matter.
            when freedom is null then 0
            else {{ t_quantile('normal_quantile', 'freedom') }}
        end as margin
    from compared

),

since as (

    select * from bounded
    where period = 'since'

),

before_start as (

    select * from bounded
    where period = 'before'

),

final as (

    select
        {{ as_of_date() }} as base_date,
        since.campaign_code,
        since.population,
        since.kpi,
        since.treated_count,
        since.control_count,
        cast(since.treated_estimate as numeric(18, 6)) as treated_estimate,
        cast(since.control_estimate as numeric(18, 6)) as control_estimate,
        cast(since.difference as numeric(18, 6)) as difference,
        cast(since.center - since.margin as numeric(18, 6)) as lower_bound,
        cast(since.center + since.margin as numeric(18, 6)) as upper_bound,
        case
            when since.is_too_small or since.margin is null then 'too_small'
            when since.center > since.margin then 'higher'
            when since.center < -since.margin then 'lower'
            else 'alike'
        end as verdict,
        cast(before_start.difference as numeric(18, 6)) as before_difference,
        cast(before_start.center - before_start.margin as numeric(18, 6))
            as before_lower_bound,
        cast(before_start.center + before_start.margin as numeric(18, 6))
            as before_upper_bound,
        abs(before_start.center) > before_start.margin as is_unlike_before
    from since
    inner join before_start
        on
            since.campaign_code = before_start.campaign_code
            and since.population = before_start.population
            and since.kpi = before_start.kpi

)

select * from final
