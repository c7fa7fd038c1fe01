-- Service tags: what customers came to the service for, how it went, and whether it is
-- settled. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

refunds as (

    select distinct customer_id
    from {{ ref('fct_refunds') }}
    where
        status = 'applied'
        and customer_id is not null

),

cases as (

    select
        *,
        opened_on > {{ dbt.dateadd('day', -365, as_of_date()) }} as is_of_year,
        -- A question or an invoice that is not answered yet is no reason for anger.
        not is_closed
        and case_type in ('complaint', 'return', 'repair') as is_unsettled,
        case when satisfaction is not null then opened_at end as rated_at,
        extract(epoch from first_reply_at - opened_at) as reply_seconds,
        extract(epoch from closed_at - opened_at) as close_seconds
    from {{ ref('fct_service_cases') }}
    where customer_id is not null

),

case_types as (

    select
        customer_id,
        case_type,
        row_number() over (
            partition by customer_id
            order by count(*) desc, max(opened_at) desc, case_type asc
        ) as case_type_rank
    from cases
    where is_of_year
    group by customer_id, case_type

),

main_types as (

    select * from case_types
    where case_type_rank = 1

),

case_summary as (

    select
        customer_id,
        max(opened_on) as last_opened_on,
        {{ max_by('contact_channel', 'opened_at') }} as last_contact_channel,
        min(opened_on) filter (where is_unsettled) as unsettled_since_on,
        max(opened_on) filter (where case_type = 'complaint') as last_complaint_on,
        count(*) filter (where is_of_year) as case_count_365d,
        count(*) filter (where is_of_year and case_type = 'complaint')
            as complaint_count_365d,
        count(*) filter (where is_of_year and case_type = 'return')
            as return_count_365d,
        -- Divided once: a quotient of each would round ties down.
        avg(reply_seconds) filter (where is_of_year) / 3600 as reply_hours_365d,
        avg(close_seconds) filter (where is_of_year) / 86400 as close_days_365d,
        avg(satisfaction) filter (where is_of_year) as satisfaction_365d,
        {{ max_by('cast(satisfaction as text)', 'rated_at') }} as last_satisfaction
    from cases
    group by customer_id

),

final as (

    select
        customers.customer_id,
        refunds.customer_id is not null
        or case_summary.unsettled_since_on is not null as service_has_open_case,
        {{ dbt.datediff('case_summary.unsettled_since_on', as_of_date(), 'day') }}
            as service_open_case_days,
        case_summary.last_opened_on as service_last_case_on,
        case_summary.last_contact_channel as service_last_contact_channel,
        coalesce(case_summary.case_count_365d, 0) as service_case_count_365d,
        main_types.case_type as service_main_case_type_365d,
        coalesce(case_summary.return_count_365d, 0) as service_return_case_count_365d,
        cast(
            case_summary.complaint_count_365d
            / nullif(cast(case_summary.case_count_365d as numeric), 0)
            as numeric(9, 4)
        ) as service_complaint_rate_365d,
        {{ dbt.datediff('case_summary.last_complaint_on', as_of_date(), 'day') }}
            as service_days_since_last_complaint,
        cast(case_summary.reply_hours_365d as numeric(18, 2))
            as service_first_reply_hours_365d,
        cast(round(case_summary.close_days_365d) as integer) as service_close_days_365d,
        cast(case_summary.satisfaction_365d as numeric(18, 2))
            as service_satisfaction_365d,
        cast(case_summary.last_satisfaction as integer) as service_last_satisfaction
    from customers
    left join refunds on customers.customer_id = refunds.customer_id
    left join case_summary on customers.customer_id = case_summary.customer_id
    left join main_types on customers.customer_id = main_types.customer_id

)

select * from final
