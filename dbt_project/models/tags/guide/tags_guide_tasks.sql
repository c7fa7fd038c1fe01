-- Tags of the tasks guides were given. One row per person.

with

guides as (

    select * from {{ ref('dim_guides') }}

),

rules as (

    select * from {{ ref('share_rules') }}
    where entity = 'guide'

),

tasks as (

    select
        staff_code,
        assigned_on,
        done_at,
        outcome,
        {{ local_date('due_at') }} as due_on,
        coalesce(done_at <= due_at, false) as is_on_time
    from {{ ref('fct_guide_tasks') }}

),

task_summary as (

    select
        staff_code,
        count(*) filter (where done_at is null) as open_count,
        count(*) filter (
            where
            done_at is null
            and due_on <= {{ as_of_date() }}
        ) as overdue_count,
        count(*) filter (
            where assigned_on > {{ dbt.dateadd('day', -90, as_of_date()) }}
        ) as count_90d,
        count(*) filter (
            where assigned_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ) as count_365d,
        count(done_at) filter (
            where assigned_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ) as done_count,
        count(done_at) filter (
            where
            assigned_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
            and outcome in ('reached', 'bought', 'refused')
        ) as reached_count,
        count(*) filter (
            where
            due_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
            and due_on <= {{ as_of_date() }}
        ) as due_count,
        count(*) filter (
            where
            due_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
            and due_on <= {{ as_of_date() }}
            and is_on_time
        ) as on_time_count
    from tasks
    group by staff_code

),

final as (

    select
        guides.staff_code,
        coalesce(task_summary.open_count, 0) as guide_open_task_count,
        coalesce(task_summary.overdue_count, 0) as guide_overdue_task_count,
        coalesce(task_summary.count_90d, 0) as guide_task_count_90d,
        cast(case
            when task_summary.count_365d >= rules.min_count
                then
                    cast(task_summary.done_count as numeric(18, 4))
                    / task_summary.count_365d
        end as numeric(9, 4)) as guide_task_done_rate_365d,
        cast(case
            when task_summary.due_count >= rules.min_count
                then
                    cast(task_summary.on_time_count as numeric(18, 4))
                    / task_summary.due_count
        end as numeric(9, 4)) as guide_task_on_time_rate_365d,
        cast(case
            when task_summary.done_count >= rules.min_count
                then
                    cast(task_summary.reached_count as numeric(18, 4))
                    / task_summary.done_count
        end as numeric(9, 4)) as guide_task_reached_rate_365d
    from guides
    cross join rules
    left join task_summary on guides.staff_code = task_summary.staff_code

)

select * from final
