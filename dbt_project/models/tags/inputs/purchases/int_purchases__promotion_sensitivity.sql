-- How much more than everybody a customer waits for promotions. One row per customer
-- with enough orders in a year to tell.

with

rules as (

    select * from {{ ref('preference_rules') }}
    where subject = 'promotion'

),

habits as (

    select * from {{ ref('int_purchases__promotion_habits') }}

),

-- Resellers and test accounts do not say what is usual.
counted_customers as (

    select customer_id from {{ ref('tags_customer_risk') }}
    where risk_exclusion is null

),

cuts as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'promotion_sensitivity'
        and {{ as_of_date() }} between valid_from and valid_to

),

population as (

    select
        sum(cast(habits.order_count_365d as numeric(18, 0))) as order_count,
        sum(habits.promoted_order_count_365d) as promoted_count
    from habits
    inner join counted_customers
        on habits.customer_id = counted_customers.customer_id

),

-- 100 = as often in promotions as everybody. Divided once; cut as it is shown.
indexed as (

    select
        habits.customer_id,
        cast(
            100 * habits.promoted_order_count_365d * population.order_count
            / (habits.order_count_365d * nullif(population.promoted_count, 0))
            as numeric(18, 2)
        ) as sensitivity_index
    from habits
    inner join rules on habits.order_count_365d >= rules.min_order_count
    cross join population

),

final as (

    select
        indexed.customer_id,
        indexed.sensitivity_index,
        cuts.label as sensitivity
    from indexed
    left join cuts
        on
            indexed.sensitivity_index >= cuts.from_value
            and (cuts.to_value is null or indexed.sensitivity_index < cuts.to_value)

)

select * from final
