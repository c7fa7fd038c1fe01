-- Every reason found for leaving a customer out. One row per customer and reason found;
-- tags_customer_risk shows the gravest.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

purchases as not materialized (

    select * from {{ ref('int_purchases__orders') }}

),

consumables as (

    select * from {{ ref('int_purchases__consumables') }}

),

contact_points as (

    select * from {{ ref('dim_contact_points') }}

),

listed as (

    select * from {{ ref('risk_listed') }}
    where listed_on <= {{ as_of_date() }}

),

rules as (

    select * from {{ ref('risk_rules') }}

),

test_orders as (

    select * from {{ ref('fct_orders') }}
    where
        invalid_reason = 'test'
        and customer_id is not null

),

-- Supply of one category that a month's purchases bring, in days of one person's use.
monthly_supplies as (

    select
        customer_id,
        category,
        {{ dbt.date_trunc('month', 'paid_on') }} as paid_month,
        max(paid_on) as last_paid_on,
        sum(kept_quantity * product_consumption_days) as supply_days
    from consumables
    where
        product_consumption_days is not null
        and line_type = 'sale'
    group by
        customer_id, category, {{ dbt.date_trunc('month', 'paid_on') }}

),

order_days as (

    select
        purchases.customer_id,
        count(*) as order_count,
        count(*) filter (where not purchases.is_kept) as refunded_count
    from purchases
    inner join rules on rules.rule_code = 'fake_order'
    where
        {{ dbt.datediff('purchases.paid_on', as_of_date(), 'day') }}
        < rules.window_days
    group by purchases.customer_id

),

final as (

    select
        contact_points.customer_id,
        listed.reason
    from listed
    inner join contact_points
        on
            listed.contact_kind = contact_points.kind
            and listed.contact_value = contact_points.value
    union all
    select
        customer_id,
        'employee' as reason
    from customers
    where is_employee
    union all
    -- A till training or a test payment, and never a real order.
    select
        test_orders.customer_id,
        'test' as reason
    from test_orders
    left join purchases on test_orders.customer_id = purchases.customer_id
    where purchases.customer_id is null
    union all
    select
        monthly_supplies.customer_id,
        'reseller' as reason
    from monthly_supplies
    inner join rules on rules.rule_code = 'reseller'
    where
        monthly_supplies.supply_days >= rules.min_count
        and {{ dbt.datediff('monthly_supplies.last_paid_on', as_of_date(), 'day') }}
        < rules.window_days
    union all
    select
        order_days.customer_id,
        'fake_order' as reason
    from order_days
    inner join rules on rules.rule_code = 'fake_order'
    where
        order_days.order_count >= rules.min_count
        and order_days.refunded_count >= rules.min_rate * order_days.order_count

)

select * from final
