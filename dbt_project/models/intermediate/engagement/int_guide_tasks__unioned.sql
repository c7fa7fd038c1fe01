-- Tasks of guides of all channels. One row per task.
select
    record_key as guide_task_key,
    record_key,
    channel_code,
    shop_code,
    task_id,
    staff_code,
    task_type,
    assigned_at,
    {{ local_date('assigned_at') }} as assigned_on,
    due_at,
    done_at,
    outcome
from {{ ref('stg_wecom__guide_tasks') }}
