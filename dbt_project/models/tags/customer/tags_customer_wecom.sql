-- WeCom tags: friends among the staff, how they came and went, and what guides were
-- asked to do. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

friends as (

    select * from {{ ref('int_guide_contacts__friends') }}

),

guides as (

    select * from {{ ref('dim_guides') }}

),

live_pairs as (

    select distinct
        customer_id,
        staff_code
    from {{ ref('fct_guide_contacts') }}
    where
        is_current
        and customer_id is not null

),

-- The day an assignment ends is the first day of the next.
assignments as (

    select
        customer_id,
        staff_code
    from {{ ref('dim_guide_assignments') }}
    where
        valid_from <= {{ as_of_date() }}
        and (valid_to is null or valid_to > {{ as_of_date() }})

),

serving as (

    select
        assignments.customer_id,
        bool_or(live_pairs.staff_code is not null) as is_friend
    from assignments
    left join live_pairs
        on
            assignments.customer_id = live_pairs.customer_id
            and assignments.staff_code = live_pairs.staff_code
    group by assignments.customer_id

),

ranked_tasks as (

    select
        customer_id,
        task_type,
        assigned_on,
        done_at,
        coalesce(outcome, 'open') as outcome,
        row_number() over (
            partition by customer_id
            order by assigned_at desc, guide_task_key asc
        ) as recency
    from {{ ref('fct_guide_tasks') }}
    where customer_id is not null

),

tasks as (

    select
        customer_id,
        count(*) filter (where done_at is null) as open_count,
        max(assigned_on) filter (where recency = 1) as last_assigned_on,
        max(task_type) filter (where recency = 1) as last_task_type,
        max(outcome) filter (where recency = 1) as last_outcome
    from ranked_tasks
    group by customer_id

),

final as (

    select
        customers.customer_id,
        coalesce(friends.is_friend, false) as wecom_is_friend,
        coalesce(friends.friend_count, 0) as wecom_friend_count,
        friends.first_added_on as wecom_first_added_on,
        friends.last_added_on as wecom_last_added_on,
        {{ dbt.datediff('friends.friend_since_on', as_of_date(), 'day') }}
            as wecom_friend_days,
        friends.first_added_way as wecom_first_added_way,
        coalesce(friends.is_deleted_by_customer, false)
            as wecom_is_deleted_by_customer,
        coalesce(not friends.is_friend, false) as wecom_has_lost_all_friends,
        case
            when not friends.is_friend
                then {{ dbt.datediff('friends.last_deleted_on', as_of_date(), 'day') }}
        end as wecom_days_since_lost,
        friends.friend_staff_code as wecom_friend_staff_code,
        guides.store_code as wecom_friend_store_code,
        guides.status as wecom_friend_staff_status,
        serving.is_friend as wecom_is_friend_of_serving_guide,
        tasks.last_assigned_on as wecom_last_task_on,
        tasks.last_task_type as wecom_last_task_type,
        tasks.last_outcome as wecom_last_task_outcome,
        coalesce(tasks.open_count, 0) as wecom_open_task_count
    from customers
    left join friends on customers.customer_id = friends.customer_id
    left join guides on friends.friend_staff_code = guides.staff_code
    left join serving on customers.customer_id = serving.customer_id
    left join tasks on customers.customer_id = tasks.customer_id

)

select * from final
