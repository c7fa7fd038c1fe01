-- AIPL tags: how near a customer is (aware, interest, purchase, loyalty) by the rules
-- of the seed stage_signals, for the group and per brand. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

stage_summary as (

    select
        customer_id,
        max(reached_stage) filter (where scope = 'all') as main_stage,
        max(reached_stage) filter (where scope = 'baby') as baby_stage,
        max(reached_stage) filter (where scope = 'ginseng') as ginseng_stage,
        max(reached_stage) filter (where scope = 'skincare') as skincare_stage,
        max(reached_stage) filter (where scope = 'supermarket') as supermarket_stage
    from {{ ref('int_signals__stages') }}
    where state_code = 'aipl'
    group by customer_id

),

spell_summary as (

    select
        customer_id,
        min(from_on) filter (where stage = 'aware') as aware_on,
        min(from_on) filter (where stage = 'interest') as interest_on,
        min(from_on) filter (where stage = 'loyalty') as loyalty_on,
        max(last_met_on) filter (where stage = 'interest') as last_interest_on
    from {{ ref('int_signals__spells') }}
    where
        state_code = 'aipl'
        and scope = 'all'
    group by customer_id

),

contact_signals as (

    select distinct signal_code
    from {{ ref('stage_signals') }}
    where
        state_code = 'aipl'
        and scope = 'all'
        and stage in ('aware', 'interest')

),

contact_summary as (

    select
        signals.customer_id,
        count(distinct signals.occurred_on) as contact_days_30d
    from {{ ref('int_signals__days') }} as signals
    inner join contact_signals on signals.signal_code = contact_signals.signal_code
    where signals.occurred_on > {{ dbt.dateadd('day', -30, as_of_date()) }}
    group by signals.customer_id

),

flow as (

    select * from {{ ref('int_flow__now') }}
    where state_code = 'aipl'

),

final as (

    select
        customers.customer_id,
        stage_summary.main_stage as aipl_stage,
        stage_summary.baby_stage as aipl_stage_baby,
        stage_summary.ginseng_stage as aipl_stage_ginseng,
        stage_summary.skincare_stage as aipl_stage_skincare,
        stage_summary.supermarket_stage as aipl_stage_supermarket,
        flow.entered_on as aipl_entered_on,
        flow.days_in_state as aipl_stage_days,
        flow.previous_state as aipl_previous_stage,
        flow.state_30d_ago as aipl_stage_30d_ago,
        flow.direction_30d as aipl_direction_30d,
        spell_summary.aware_on as aipl_aware_on,
        spell_summary.interest_on as aipl_interest_on,
        spell_summary.loyalty_on as aipl_loyalty_on,
        spell_summary.last_interest_on as aipl_last_interest_on,
        cast(coalesce(contact_summary.contact_days_30d, 0) as integer)
            as aipl_contact_days_30d
    from customers
    left join stage_summary on customers.customer_id = stage_summary.customer_id
    left join spell_summary on customers.customer_id = spell_summary.customer_id
    left join contact_summary
        on customers.customer_id = contact_summary.customer_id
    left join flow on customers.customer_id = flow.customer_id

)

select * from final
