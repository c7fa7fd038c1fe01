-- Tasks of guides, parsed and judged. One row per landed row.

with

landed as (

    select
        assignments.*,
        files.drop_date
    from {{ source('raw_wecom', 'guide_tasks') }} as assignments
    inner join {{ source('landing', 'files') }} as files
        on assignments._file_id = files.file_id

),

parsed as (

    select
        _file_id,
        _row_no,
        drop_date,
        {{ clean_id('task_id') }} as task_id,
        {{ clean_id('user_id') }} as staff_code,
        {{ clean_id('external_userid') }} as wecom_external_userid,
        lower({{ clean_id('task_type') }}) as task_type,
        {{ parse_timestamp('assigned_at') }} as assigned_at,
        {{ parse_timestamp('due_at') }} as due_at,
        {{ parse_timestamp('done_at') }} as done_at,
        lower({{ clean_id('outcome') }}) as outcome,
        {{ parse_timestamp('updated_at') }} as updated_at,
        {{ count_texts(['due_at', 'done_at', 'updated_at']) }} as landed_time_count,
        {{ bigint_key([
            'user_id', 'external_userid', 'task_type', 'assigned_at', 'due_at',
            'done_at', 'outcome', 'updated_at',
        ]) }} as row_hash
    from landed
    {{ evaluate_once() }}

),

judged as (

    select
        *,
        {{ bigint_key(["'wecom'", "'guide_task'", 'task_id']) }} as record_key,
        {{ local_date('greatest(assigned_at, updated_at)') }} as due_on,
        case
            when {{ is_totals_row(['task_id']) }} then 'totals_row'
            when task_id is null or staff_code is null then 'missing_key'
            when {{ is_scientific('task_id') }} then 'id_in_scientific_notation'
            when
                assigned_at is null
                or landed_time_count
                > {{ count_values(['due_at', 'done_at', 'updated_at']) }}
                then 'bad_timestamp'
            when
                coalesce(task_type, '') not in (
                    'welcome',
                    'follow_up',
                    'birthday',
                    'replenish',
                    'win_back',
                    'invite'
                )
                or outcome not in ('reached', 'not_reached', 'bought', 'refused')
                then 'unknown_enum'
            when {{ local_date('assigned_at') }} > drop_date + 1 then 'implausible_date'
        end as fault
    from parsed
    {{ evaluate_once() }}

)

select
    record_key,
    'wecom' as channel_code,
    'wecom_group' as shop_code,
    task_id,
    staff_code,
    wecom_external_userid,
    task_type,
    assigned_at,
    due_at,
    done_at,
    outcome,
    updated_at,
    assigned_at as observed_at,
    due_on,
    {{ reject_reason() }} as reject_reason,
    _file_id,
    _row_no
from judged
window versions as (
    {{ version_window('record_key', 'updated_at') }}
)
