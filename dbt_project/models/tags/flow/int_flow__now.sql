-- What the history of states says on base_date: since when, from where, and what was 30
-- and 90 days ago. One row per state code and customer.

with

ranks as (

    select * from {{ ref('state_ranks') }}

),

stays as (

    select
        *,
        row_number() over (
            partition by state_code, customer_id order by valid_from desc
        ) as recency
    from {{ ref('int_flow__stays') }}
    where valid_from <= {{ as_of_date() }}

),

ranked as (

    select
        stays.*,
        ranks.state_rank,
        stays.valid_from <= {{ dbt.dateadd('day', -30, as_of_date()) }}
        and (
            stays.valid_to is null
            or stays.valid_to > {{ dbt.dateadd('day', -30, as_of_date()) }}
        ) as is_30d_ago,
        stays.valid_from <= {{ dbt.dateadd('day', -90, as_of_date()) }}
        and (
            stays.valid_to is null
            or stays.valid_to > {{ dbt.dateadd('day', -90, as_of_date()) }}
        ) as is_90d_ago
    from stays
    inner join ranks
        on
            stays.state_code = ranks.state_code
            and stays.state = ranks.state

),

summed as (

    select
        state_code,
        customer_id,
        max(state) filter (where recency = 1) as state,
        max(valid_from) filter (where recency = 1) as entered_on,
        max(state) filter (where recency = 2) as previous_state,
        max(state) filter (where is_30d_ago) as state_30d_ago,
        max(state) filter (where is_90d_ago) as state_90d_ago,
        sign(
            max(state_rank) filter (where recency = 1)
            - max(state_rank) filter (where is_30d_ago)
        ) as step_30d,
        sign(
            max(state_rank) filter (where recency = 1)
            - max(state_rank) filter (where is_90d_ago)
        ) as step_90d
    from ranked
    group by state_code, customer_id

),

final as (

    select
        state_code,
        customer_id,
        state,
        entered_on,
        {{ dbt.datediff('entered_on', as_of_date(), 'day') }} as days_in_state,
        previous_state,
        state_30d_ago,
        state_90d_ago,
        case step_30d
            when 1 then 'up'
            when 0 then 'same'
            when -1 then 'down'
        end as direction_30d,
        case step_90d
            when 1 then 'up'
            when 0 then 'same'
            when -1 then 'down'
        end as direction_90d
    from summed

)

select * from final
