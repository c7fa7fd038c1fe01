-- Lifecycle tags: the stage in each brand by the brand's own horizons, in the
-- customer's main brand with its history, and silence against one's own rhythm. One
-- row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

stage_summary as (

    select
        customer_id,
        max(brand_stage) filter (where is_main_brand) as main_stage,
        max(next_stage_days) filter (where is_main_brand) as next_stage_days,
        max(brand_stage) filter (where brand_code = 'baby') as baby_stage,
        max(brand_stage) filter (where brand_code = 'ginseng') as ginseng_stage,
        max(brand_stage) filter (where brand_code = 'skincare') as skincare_stage,
        max(brand_stage) filter (where brand_code = 'supermarket') as supermarket_stage
    from {{ ref('int_lifecycle__stages') }}
    group by customer_id

),

flow as (

    select * from {{ ref('int_flow__now') }}
    where state_code = 'lifecycle'

),

rhythms as (

    select
        *,
        {{ dbt.datediff('last_kept_on', as_of_date(), 'day') }} as silent_days
    from {{ ref('int_purchases__intervals') }}

),

cuts as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'lifecycle_rhythm'
        and {{ as_of_date() }} between valid_from and valid_to

),

rhythm_states as (

    select
        rhythms.customer_id,
        cuts.label
    from rhythms
    inner join cuts
        on
            rhythms.silent_days >= cuts.from_value * rhythms.rhythm_days
            and (
                cuts.to_value is null
                or rhythms.silent_days < cuts.to_value * rhythms.rhythm_days
            )

),

final as (

    select
        customers.customer_id,
        coalesce(stage_summary.main_stage, 'prospect') as lifecycle_stage,
        coalesce(stage_summary.baby_stage, 'prospect') as lifecycle_stage_baby,
        coalesce(stage_summary.ginseng_stage, 'prospect') as lifecycle_stage_ginseng,
        coalesce(stage_summary.skincare_stage, 'prospect')
            as lifecycle_stage_skincare,
        coalesce(stage_summary.supermarket_stage, 'prospect')
            as lifecycle_stage_supermarket,
        flow.entered_on as lifecycle_entered_on,
        flow.days_in_state as lifecycle_stage_days,
        flow.previous_state as lifecycle_previous_stage,
        flow.state_30d_ago as lifecycle_stage_30d_ago,
        flow.direction_30d as lifecycle_direction_30d,
        stage_summary.next_stage_days as lifecycle_next_stage_days,
        to_char(rhythms.first_kept_on, 'YYYY-MM') as lifecycle_cohort_month,
        coalesce(
            rhythms.first_kept_on > {{ dbt.dateadd('day', -30, as_of_date()) }}, false
        ) as lifecycle_is_new_30d,
        rhythms.rhythm_days as lifecycle_rhythm_days,
        rhythm_states.label as lifecycle_rhythm_state,
        cast(
            {{ dbt.dateadd('day', 'rhythms.rhythm_days', 'rhythms.last_kept_on') }}
            as date
        ) as lifecycle_next_order_on
    from customers
    left join stage_summary on customers.customer_id = stage_summary.customer_id
    left join flow on customers.customer_id = flow.customer_id
    left join rhythms on customers.customer_id = rhythms.customer_id
    left join rhythm_states on customers.customer_id = rhythm_states.customer_id

)

select * from final
