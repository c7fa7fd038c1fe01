-- Purchase tags. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

purchases as not materialized (

    select * from {{ ref('int_purchases__orders') }}

),

dayparts as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'daypart_hour'
        and {{ as_of_date() }} between valid_from and valid_to

),

-- Refunds follow the order into its window, so a window's net is never below zero.
purchase_summary as (

    select
        customer_id,
        count(*) as order_count,
        count(*) filter (
            where paid_on > {{ dbt.dateadd('day', -30, as_of_date()) }}
        ) as order_count_30d,
        count(*) filter (
            where paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ) as order_count_365d,
        coalesce(sum(net_amount) filter (
            where paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ), 0) as net_amount_365d,
        max(paid_on) filter (where is_kept) as last_paid_on
    from purchases
    group by customer_id

),

-- A pre-sale counts at the hour its balance was paid.
daypart_summary as (

    select
        purchases.customer_id,
        dayparts.label as daypart,
        row_number() over (
            partition by purchases.customer_id
            order by count(*) desc, max(purchases.paid_at) desc, dayparts.label asc
        ) as daypart_number
    from purchases
    inner join dayparts
        on
            {{ local_hour('purchases.paid_at') }} >= dayparts.from_value
            and {{ local_hour('purchases.paid_at') }} < dayparts.to_value
    where purchases.paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
    group by purchases.customer_id, dayparts.label

),

final as (

    select
        customers.customer_id,
        coalesce(purchase_summary.order_count, 0) as purchase_order_count,
        coalesce(purchase_summary.order_count_30d, 0) as purchase_order_count_30d,
        cast(coalesce(purchase_summary.net_amount_365d, 0) as numeric(18, 2))
            as purchase_net_amount_365d,
        cast(
            purchase_summary.net_amount_365d
            / nullif(purchase_summary.order_count_365d, 0) as numeric(18, 2)
        ) as purchase_ticket_amount_365d,
        {{ dbt.datediff('purchase_summary.last_paid_on', as_of_date(), 'day') }}
            as purchase_days_since_last_order,
        daypart_summary.daypart as purchase_main_daypart_365d
    from customers
    left join purchase_summary
        on customers.customer_id = purchase_summary.customer_id
    left join daypart_summary
        on
            customers.customer_id = daypart_summary.customer_id
            and daypart_summary.daypart_number = 1

)

select * from final
