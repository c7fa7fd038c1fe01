-- Which rules of the seed risk_rules a customer trips. One row per customer.

with

customers as (

    select customer_id from {{ ref('dim_customers') }}

),

orders as (

    select * from {{ ref('int_risk__orders') }}

),

contacts as (

    select * from {{ ref('int_contact_points__known') }}

),

suspects as (

    select * from {{ ref('mart_suspect_customers') }}

),

rules as (

    select
        max(min_count) filter (where rule_code = 'refund_only') as refund_only_count,
        max(min_rate) filter (where rule_code = 'refund_only') as refund_only_rate,
        max(min_count) filter (where rule_code = 'high_return') as return_count,
        max(min_rate) filter (where rule_code = 'high_return') as return_rate,
        max(min_count) filter (where rule_code = 'coupon_hunter') as coupon_count,
        max(min_rate) filter (where rule_code = 'coupon_hunter') as coupon_rate,
        max(min_count) filter (where rule_code = 'many_receivers') as receiver_count,
        max(min_count) filter (where rule_code = 'suspect_identity') as suspicion
    from {{ ref('risk_rules') }}

),

flags as (

    select
        customers.customer_id,
        orders.refund_only_rate,
        orders.return_rate,
        coalesce(
            orders.order_count >= rules.refund_only_count
            and orders.refund_only_rate >= rules.refund_only_rate,
            false
        ) as is_refund_only_abuser,
        coalesce(
            orders.order_count >= rules.return_count
            and orders.return_rate >= rules.return_rate,
            false
        ) as is_high_returner,
        coalesce(
            orders.order_count >= rules.coupon_count
            and orders.coupon_rate >= rules.coupon_rate,
            false
        ) as is_coupon_hunter,
        coalesce(contacts.receiver_count_365d >= rules.receiver_count, false)
            as has_many_receivers,
        coalesce(suspects.suspicion >= rules.suspicion, false) as is_suspect_identity
    from customers
    cross join rules
    left join orders on customers.customer_id = orders.customer_id
    left join contacts on customers.customer_id = contacts.customer_id
    left join suspects on customers.customer_id = suspects.customer_id

),

final as (

    select
        *,
        cast(is_refund_only_abuser as integer)
        + cast(is_high_returner as integer)
        + cast(is_coupon_hunter as integer)
        + cast(has_many_receivers as integer)
        + cast(is_suspect_identity as integer) as flag_count
    from flags

)

select * from final
