-- Member tags: the group programme's tier, and each channel's own beside it.
-- One row per customer.

with

customers as not materialized (

    select * from {{ ref('dim_customers') }}

),

purchases as (

    select * from {{ ref('int_purchases__orders') }}

),

tiers as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'member_tier'
        and {{ as_of_date() }} between valid_from and valid_to

),

-- Spend of a tier year (a calendar year), counted from the day of joining.
spend_summary as (

    select
        customers.customer_id,
        coalesce(sum(purchases.net_amount) filter (
            where purchases.paid_on >= {{ dbt.date_trunc('year', as_of_date()) }}
        ), 0) as this_year_amount,
        coalesce(sum(purchases.net_amount) filter (
            where purchases.paid_on < {{ dbt.date_trunc('year', as_of_date()) }}
        ), 0) as last_year_amount
    from customers
    left join purchases
        on
            customers.customer_id = purchases.customer_id
            and purchases.paid_on >= {{ local_date('customers.joined_at') }}
            and purchases.paid_on >= {{ dbt.dateadd(
                'year', -1, dbt.date_trunc('year', as_of_date())
            ) }}
    where customers.is_member
    group by customers.customer_id

),

-- A tier is reached at once and kept to the end of the following tier year.
final as (

    select
        customers.customer_id,
        tiers.label as member_tier,
        cast(tiers.to_value - spend_summary.this_year_amount as numeric(18, 2))
            as member_upgrade_gap_amount,
        customers.member_tier_tmall,
        customers.member_tier_youzan,
        customers.member_tier_pos
    from customers
    left join spend_summary on customers.customer_id = spend_summary.customer_id
    left join tiers
        on
            greatest(
                spend_summary.this_year_amount, spend_summary.last_year_amount
            ) >= tiers.from_value
            and (
                tiers.to_value is null
                or greatest(
                    spend_summary.this_year_amount, spend_summary.last_year_amount
                ) < tiers.to_value
            )

)

select * from final
