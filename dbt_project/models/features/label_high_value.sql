-- When did somebody reached, not a high-value buyer yet, become one after base_date?
-- One row per base_date and customer of every past origin. High value is an amount paid
-- for goods within a window (seed high_value_rules). Before the window is over, whoever
-- has not become one is not known to stay below: unlabelled, not negative.

with

rules as (

    select * from {{ ref('high_value_rules') }}

),

base_dates as (

    select * from {{ ref('feat_base_dates') }}
    where not is_scoring

),

candidates as (

    select
        candidates.base_date,
        candidates.customer_id,
        rules.high_value_amount,
        cast(
            {{ dbt.dateadd('day', 'rules.window_days', 'candidates.base_date') }}
            as date
        ) as window_to
    from {{ ref('feat_high_potential') }} as candidates
    inner join base_dates on candidates.base_date = base_dates.base_date
    cross join rules

),

customer_days as (

    select * from {{ ref('feat_customer_days') }}

),

running as (

    select
        candidates.base_date,
        candidates.customer_id,
        candidates.high_value_amount,
        customer_days.paid_on,
        sum(customer_days.goods_amount) over (
            partition by candidates.base_date, candidates.customer_id
            order by customer_days.paid_on
        ) as goods_amount
    from candidates
    inner join customer_days
        on
            candidates.customer_id = customer_days.customer_id
            and candidates.base_date < customer_days.paid_on
            and candidates.window_to >= customer_days.paid_on

),

risen as (

    select
        base_date,
        customer_id,
        min(paid_on) as high_value_on
    from running
    where goods_amount >= high_value_amount
    group by base_date, customer_id

),

final as (

    select
        candidates.base_date,
        candidates.customer_id,
        candidates.window_to,
        risen.high_value_on
    from candidates
    left join risen
        on
            candidates.base_date = risen.base_date
            and candidates.customer_id = risen.customer_id

)

select * from final
