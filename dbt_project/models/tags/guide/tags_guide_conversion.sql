-- Conversion tags of guides: what their service sold. One row per person.

with

guides as (

    select * from {{ ref('dim_guides') }}

),

rules as (

    select * from {{ ref('share_rules') }}
    where entity = 'guide'

),

purchases as not materialized (

    select * from {{ ref('int_stores__purchases') }}
    where staff_code is not null

),

sales as (

    select
        staff_code,
        count(*) as order_count,
        count(*) filter (
            where paid_on > {{ dbt.dateadd('day', -30, as_of_date()) }}
        ) as order_count_30d,
        coalesce(sum(net_amount) filter (
            where paid_on > {{ dbt.dateadd('day', -30, as_of_date()) }}
        ), 0) as net_amount_30d,
        sum(net_amount) as net_amount,
        max(paid_on) as last_paid_on
    from purchases
    group by staff_code

),

buyers as (

    select
        staff_code,
        customer_id,
        count(*) as order_count
    from purchases
    where customer_id is not null
    group by staff_code, customer_id

),

buyer_summary as (

    select
        staff_code,
        count(*) as buyer_count,
        count(*) filter (where order_count >= 2) as repeat_buyer_count
    from buyers
    group by staff_code

),

tasks as (

    select
        staff_code,
        count(*) as done_count,
        count(*) filter (where outcome = 'bought') as bought_count
    from {{ ref('fct_guide_tasks') }}
    where
        done_at is not null
        and assigned_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
    group by staff_code

),

final as (

    select
        guides.staff_code,
        coalesce(sales.order_count_30d, 0) as guide_order_count_30d,
        coalesce(sales.order_count, 0) as guide_order_count_365d,
        cast(coalesce(sales.net_amount_30d, 0) as numeric(18, 2))
            as guide_net_amount_30d,
        cast(coalesce(sales.net_amount, 0) as numeric(18, 2)) as guide_net_amount_365d,
        cast(sales.net_amount / sales.order_count as numeric(18, 2))
            as guide_ticket_amount_365d,
        coalesce(buyer_summary.buyer_count, 0) as guide_buyer_count_365d,
        cast(case
            when buyer_summary.buyer_count >= rules.min_count
                then
                    cast(buyer_summary.repeat_buyer_count as numeric(18, 4))
                    / buyer_summary.buyer_count
        end as numeric(9, 4)) as guide_repurchase_rate_365d,
        {{ dbt.datediff('sales.last_paid_on', as_of_date(), 'day') }}
            as guide_days_since_last_sale,
        cast(case
            when tasks.done_count >= rules.min_count
                then
                    cast(tasks.bought_count as numeric(18, 4)) / tasks.done_count
        end as numeric(9, 4)) as guide_task_bought_rate_365d
    from guides
    cross join rules
    left join sales on guides.staff_code = sales.staff_code
    left join buyer_summary on guides.staff_code = buyer_summary.staff_code
    left join tasks on guides.staff_code = tasks.staff_code

)

select * from final
