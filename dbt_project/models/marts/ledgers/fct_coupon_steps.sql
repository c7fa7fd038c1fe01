-- Steps of coupons through their states; a step that cannot happen is kept, with the
-- reason. An order cancelled gives its coupon back. One row per coupon and step.

with recursive

coupons as (

    select * from {{ ref('fct_coupons') }}

),

closed_orders as (

    select order_key from {{ ref('fct_orders') }}
    where order_status = 'closed'

),

transitions as (

    select * from {{ ref('coupon_transitions') }}

),

actions as (

    select
        coupons.*,
        case
            when coupons.action = 'use' and closed_orders.order_key is not null
                then 'use_cancelled'
            else coupons.action
        end as judged_action,
        position(coupons.action in 'issue claim use return expire') as action_order
    from coupons
    left join closed_orders on coupons.order_key = closed_orders.order_key

),

named_actions as (

    select
        *,
        case judged_action
            when 'issue' then 'issued'
            when 'claim' then 'claimed'
            when 'use' then 'used'
            when 'expire' then 'expired'
            else 'returned'
        end as named_state
    from actions

),

steps as (

    select
        *,
        row_number() over life as step_number,
        coalesce(lag(named_state) over life, 'new') as named_state_before
    from named_actions
    window life as (
        partition by channel_code, coupon_id
        order by occurred_at, action_order, coupon_event_key
    )

),

-- While steps lead to the state they are named for, the one before tells it. Only
-- coupons where one does not are walked step by step.
judged_steps as (

    select
        steps.*,
        transitions.to_state,
        transitions.reason,
        bool_and(transitions.to_state = steps.named_state) over (
            partition by steps.channel_code, steps.coupon_id
        ) as is_plain
    from steps
    inner join transitions
        on
            steps.named_state_before = transitions.from_state
            and steps.judged_action = transitions.action

),

odd_steps as (

    select * from judged_steps
    where not is_plain

),

walk as (

    select
        coupon_event_key,
        channel_code,
        coupon_id,
        step_number,
        cast('new' as {{ dbt.type_string() }}) as state_before,
        to_state as state_after,
        reason
    from odd_steps
    where step_number = 1
    union all
    select
        odd_steps.coupon_event_key,
        odd_steps.channel_code,
        odd_steps.coupon_id,
        odd_steps.step_number,
        walk.state_after as state_before,
        transitions.to_state as state_after,
        transitions.reason
    from walk
    inner join odd_steps
        on
            walk.channel_code = odd_steps.channel_code
            and walk.coupon_id = odd_steps.coupon_id
            and walk.step_number + 1 = odd_steps.step_number
    inner join transitions
        on
            walk.state_after = transitions.from_state
            and odd_steps.judged_action = transitions.action

),

final as (

    select
        steps.coupon_event_key,
        {{ bigint_key(['steps.channel_code', 'steps.coupon_id']) }} as coupon_key,
        steps.customer_id,
        steps.channel_code,
        steps.coupon_id,
        steps.step_number,
        steps.judged_action as action,
        coalesce(walk.state_before, steps.named_state_before) as state_before,
        coalesce(walk.state_after, steps.to_state) as state_after,
        case when steps.is_plain then steps.reason else walk.reason end as fault_reason,
        steps.order_key,
        steps.occurred_at,
        steps.occurred_on
    from judged_steps as steps
    left join walk on steps.coupon_event_key = walk.coupon_event_key

)

select * from final
