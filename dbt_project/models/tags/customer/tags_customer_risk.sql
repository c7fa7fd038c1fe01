-- Risk tags: why a customer counts nowhere, neither in training, bases and KPIs nor in
-- sends. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

reasons as (

    select * from {{ ref('int_risk__reasons') }}

),

reason_summary as (

    select
        customer_id,
        bool_or(reason = 'erased') as is_erased,
        bool_or(reason = 'blocklist') as is_blocked,
        bool_or(reason = 'test') as is_test,
        bool_or(reason = 'employee') as is_employee,
        bool_or(reason = 'fake_order') as has_fake_orders,
        bool_or(reason = 'reseller') as is_reseller
    from reasons
    group by customer_id

),

-- The gravest reason is the one shown.
final as (

    select
        customers.customer_id,
        case
            when reason_summary.is_erased then 'erased'
            when reason_summary.is_blocked then 'blocklist'
            when reason_summary.is_test then 'test'
            when reason_summary.is_employee then 'employee'
            when reason_summary.has_fake_orders then 'fake_order'
            when reason_summary.is_reseller then 'reseller'
        end as risk_exclusion
    from customers
    left join reason_summary on customers.customer_id = reason_summary.customer_id

)

select * from final
