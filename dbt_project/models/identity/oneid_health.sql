-- Identity health beside its budgets. One row per measure; a test fails the build when
-- a value exceeds its budget. A measure without budget is for people to look at.

with

id_map as not materialized (

    select * from {{ ref('oneid_map') }}
    where customer_id is not null

),

history as (

    select * from {{ ref('oneid_history') }}

),

latest_run as (

    select max(run_no) as run_no from {{ ref('oneid_assignments') }}

),

budgets as (

    select * from {{ ref('oneid_budgets') }}

),

accounts as (

    select * from {{ ref('oneid_identifier_types') }}
    where is_account

),

reach as (

    select * from {{ ref('int_identity__reach') }}

),

customer_counts as (

    select
        customer_id,
        count(*) as identifier_count,
        count(*) filter (
            where identifier_type = 'phone' and valid_to is null
        ) as phone_count
    from id_map
    group by customer_id

),

programme_counts as (

    select
        id_map.customer_id,
        count(distinct id_map.value) as account_count
    from id_map
    inner join accounts on id_map.identifier_type = accounts.identifier_type
    group by id_map.customer_id, id_map.identifier_type, id_map.scope

),

run_moves as (

    select
        count(distinct history.from_customer_id) filter (
            where history.op = 'merge'
        ) as merged_count,
        count(distinct history.from_customer_id) filter (
            where history.op = 'split'
        ) as split_count
    from history
    inner join latest_run on history.run_no = latest_run.run_no

),

totals as (

    select
        count(*) as customer_count,
        count(*) filter (where phone_count > 3) as many_phones_count,
        max(identifier_count) as largest_count
    from customer_counts

),

doubles as (

    select count(distinct customer_id) as customer_count
    from programme_counts
    where account_count > 2

),

measures as (

    select
        'share_of_customers_over_3_phones' as measure,
        cast(many_phones_count as numeric) / nullif(customer_count, 0) as measured_value
    from totals
    union all
    select
        'largest_component_identifiers' as measure,
        largest_count as measured_value
    from totals
    union all
    select
        'share_of_customers_merged_in_run' as measure,
        cast(run_moves.merged_count as numeric) / nullif(totals.customer_count, 0)
            as measured_value
    from run_moves cross join totals
    union all
    select
        'share_of_customers_split_in_run' as measure,
        cast(run_moves.split_count as numeric) / nullif(totals.customer_count, 0)
            as measured_value
    from run_moves cross join totals
    union all
    select
        'over_merge_estimate' as measure,
        cast(doubles.customer_count as numeric) / nullif(totals.customer_count, 0)
            as measured_value
    from doubles cross join totals
    union all
    select
        measure,
        measured_value
    from reach

),

final as (

    select
        measures.measure,
        coalesce(measures.measured_value, 0) as measured_value,
        budgets.max_value,
        coalesce(measures.measured_value <= budgets.max_value, true) as is_within_budget
    from measures
    left join budgets on measures.measure = budgets.measure

)

select * from final
