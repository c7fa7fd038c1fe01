-- Spend that tiers are judged by: that of a year counts in it and in the next; a refund
-- takes its part back on the day it is paid out. One row per member and day of change.

with

members as (

    select
        customer_id,
        {{ local_date('joined_at') }} as joined_on
    from {{ ref('dim_customers') }}
    where is_member

),

orders as (

    select * from {{ ref('fct_orders') }}
    where is_valid_order

),

refunds as (

    select * from {{ ref('fct_refunds') }}
    where status = 'completed' and completed_on <= {{ as_of_date() }}

),

-- A member is judged on joining, and on the first day of a new set of cut points.
joinings as (

    select distinct
        members.customer_id,
        greatest(members.joined_on, tiers.valid_from) as joined_on
    from members
    inner join {{ ref('tag_cuts') }} as tiers on tiers.cut_set = 'member_tier'

),

member_orders as (

    select
        orders.order_key,
        orders.customer_id,
        orders.paid_on,
        orders.goods_amount,
        {{ dbt.date_trunc('year', 'orders.paid_on') }} as spend_year
    from orders
    inner join members
        on
            orders.customer_id = members.customer_id
            and orders.paid_on >= members.joined_on

),

spend_changes as (

    select
        customer_id,
        paid_on as happened_on,
        spend_year,
        goods_amount as amount
    from member_orders
    union all
    select
        member_orders.customer_id,
        greatest(refunds.completed_on, member_orders.paid_on) as happened_on,
        member_orders.spend_year,
        -refunds.refund_amount as amount
    from refunds
    inner join member_orders on refunds.order_key = member_orders.order_key

),

dated_changes as (

    select
        customer_id,
        happened_on,
        amount,
        cast({{ dbt.dateadd('year', 1, 'spend_year') }} as date) as kept_from,
        cast({{ dbt.dateadd('year', 2, 'spend_year') }} as date) as lapses_on
    from spend_changes

),

judged_changes as (

    select
        customer_id,
        happened_on as judged_on,
        amount as this_year_amount,
        0 as last_year_amount
    from dated_changes
    where happened_on < kept_from
    union all
    select
        customer_id,
        greatest(happened_on, kept_from) as judged_on,
        0 as this_year_amount,
        amount as last_year_amount
    from dated_changes
    where happened_on < lapses_on
    union all
    select
        customer_id,
        lapses_on as judged_on,
        0 as this_year_amount,
        0 as last_year_amount
    from dated_changes
    union all
    select
        customer_id,
        joined_on as judged_on,
        0 as this_year_amount,
        0 as last_year_amount
    from joinings

),

days as (

    select
        customer_id,
        judged_on,
        sum(this_year_amount) as this_year_change,
        sum(last_year_amount) as last_year_change
    from judged_changes
    where judged_on <= {{ as_of_date() }}
    group by customer_id, judged_on

),

final as (

    select
        customer_id,
        judged_on,
        cast(sum(this_year_change) over years as numeric(18, 2)) as this_year_amount,
        cast(sum(last_year_change) over years as numeric(18, 2)) as last_year_amount
    from days
    window years as (
        partition by customer_id, {{ dbt.date_trunc('year', 'judged_on') }}
        order by judged_on
    )

)

select * from final
