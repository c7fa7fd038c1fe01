-- Did somebody reached, not a high-value buyer yet, become one after base_date? One row
-- per base_date and customer whose window is over at the as-of day. High value is an
-- amount paid for goods within the window (seed high_value_rules).

with

rules as (

    select * from {{ ref('high_value_rules') }}

),

candidates as (

    select
        candidates.base_date,
        candidates.customer_id,
        rules.high_value_amount,
        {{ dbt.dateadd('day', 'rules.window_days', 'candidates.base_date') }}
            as window_to
    from {{ ref('feat_high_potential') }} as candidates
    cross join rules
    where
        {{ dbt.dateadd('day', 'rules.window_days', 'candidates.base_date') }}
        <= {{ as_of_date() }}

),

customer_days as (

    select * from {{ ref('feat_customer_days') }}

),

final as (

    select
        candidates.base_date,
        candidates.customer_id,
        coalesce(sum(customer_days.goods_amount), 0) >= max(candidates.high_value_amount)
            as is_high_value
    from candidates
    left join customer_days
        on
            candidates.customer_id = customer_days.customer_id
            and candidates.base_date < customer_days.paid_on
            and candidates.window_to >= customer_days.paid_on
    group by candidates.base_date, candidates.customer_id

)

select * from final
