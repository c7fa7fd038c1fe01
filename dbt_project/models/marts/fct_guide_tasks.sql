-- Tasks of guides with what came of them. One row per task.

with

tasks as (

    select * from {{ ref('int_guide_tasks__unioned') }}

),

records as (

    select * from {{ ref('oneid_records') }}

),

final as (

    select
        tasks.guide_task_key,
        tasks.record_key,
        records.customer_id,
        tasks.channel_code,
        tasks.shop_code,
        tasks.task_id,
        tasks.staff_code,
        tasks.task_type,
        tasks.assigned_at,
        tasks.assigned_on,
        tasks.due_at,
        tasks.done_at,
        tasks.outcome
    from tasks
    left join records on tasks.record_key = records.record_key

)

select * from final
