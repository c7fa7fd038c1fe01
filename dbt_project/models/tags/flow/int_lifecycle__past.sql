-- The lifecycle stage of earlier days, recomputed from what is known today: the main
-- brand of then, by its horizons. One row per day of int_flow__periods and customer
-- who had ordered. Read once, when the history of states begins.
{{ config(materialized='view') }}

with

past_days as (

    select distinct from_on as as_of_on
    from {{ ref('int_flow__periods') }}

),

brand_days as (

    select
        customer_id,
        brand_code,
        paid_on,
        sum(net_amount) as net_amount,
        max(paid_on) filter (where net_amount > 0) as kept_on
    from {{ ref('int_purchases__brand_orders') }}
    group by customer_id, brand_code, paid_on

),

brand_buyers as (

    select
        customer_id,
        brand_code,
        min(paid_on) as first_paid_on
    from brand_days
    group by customer_id, brand_code

),

brand_rules as (

    select * from {{ ref('brand_rules') }}

),

-- Orders and questions on one line of time: each question sees the year before it.
steps as (

    select
        customer_id,
        brand_code,
        paid_on as step_on,
        net_amount,
        kept_on,
        cast(null as date) as as_of_on
    from brand_days
    union all
    select
        brand_buyers.customer_id,
        brand_buyers.brand_code,
        past_days.as_of_on as step_on,
        0 as net_amount,
        null as kept_on,
        past_days.as_of_on
    from brand_buyers
    inner join past_days on brand_buyers.first_paid_on <= past_days.as_of_on

),

running as (

    select
        customer_id,
        brand_code,
        as_of_on,
        coalesce(sum(net_amount) over last_year, 0) as net_amount_365d,
        min(kept_on) over so_far as first_kept_on,
        max(kept_on) over so_far as last_kept_on
    from steps
    window
        last_year as (
            partition by customer_id, brand_code
            order by step_on
            range between interval '364 days' preceding and current row
        ),
        so_far as (partition by customer_id, brand_code order by step_on)

),

preferred as (

    select
        *,
        row_number() over (
            partition by customer_id, as_of_on
            order by
                net_amount_365d desc,
                last_kept_on desc nulls last,
                brand_code asc
        ) as preference,
        {{ dbt.datediff('first_kept_on', 'as_of_on', 'day') }}
            as days_since_first_order,
        {{ dbt.datediff('last_kept_on', 'as_of_on', 'day') }}
            as days_since_last_order
    from running
    where as_of_on is not null

),

final as (

    select
        preferred.customer_id,
        preferred.as_of_on,
        case
            when preferred.last_kept_on is null then 'prospect'
            when preferred.days_since_first_order <= brand_rules.new_days then 'new'
            when preferred.days_since_last_order <= brand_rules.active_days
                then 'active'
            when preferred.days_since_last_order <= brand_rules.slowing_days
                then 'slowing'
            when preferred.days_since_last_order <= brand_rules.sleeping_days
                then 'sleeping'
            else 'lost'
        end as main_stage
    from preferred
    inner join brand_rules on preferred.brand_code = brand_rules.brand_code
    where preferred.preference = 1

)

select * from final
