-- Member tags: the group programme's tier, and each channel's own beside it.
-- One row per customer.

with

customers as not materialized (

    select
        *,
        {{ local_date('joined_at') }} as joined_on,
        extract(year from {{ as_of_date() }})
        - extract(year from {{ local_date('joined_at') }}) as joined_years
    from {{ ref('dim_customers') }}

),

-- Spend of the tier year (a calendar year) and of the one before, since joining.
spend_days as (

    select
        customer_id,
        this_year_amount,
        row_number() over (
            partition by customer_id order by judged_on desc
        ) as days_from_last,
        {{ dbt.date_trunc('year', 'judged_on') }}
        = {{ dbt.date_trunc('year', as_of_date()) }} as is_this_year
    from {{ ref('fct_member_spend_days') }}

),

stays as (

    select
        *,
        from_on > {{ dbt.dateadd('day', -365, as_of_date()) }} as is_recent,
        row_number() over (
            partition by customer_id order by from_on desc
        ) as stays_from_last
    from {{ ref('fct_member_tiers') }}

),

tiers as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'member_tier'
        and {{ as_of_date() }} between valid_from and valid_to

),

-- A tier is reached at once and kept to the end of the following tier year.
standings as (

    select
        stays.customer_id,
        stays.tier,
        stays.from_on,
        case
            when not stays.is_recent or stays.tier_change = 'joined' then 'none'
            else stays.tier_change
        end as tier_change_365d,
        case when spend_days.is_this_year then spend_days.this_year_amount else 0 end
            as this_year_amount
    from stays
    inner join spend_days
        on
            stays.customer_id = spend_days.customer_id
            and spend_days.days_from_last = 1
    where stays.stays_from_last = 1

),

gaps as (

    select
        standings.*,
        tiers.to_value - standings.this_year_amount as upgrade_gap_amount,
        case
            when tiers.from_value > 0
                then greatest(tiers.from_value - standings.this_year_amount, 0)
        end as keep_gap_amount
    from standings
    inner join tiers on standings.tier = tiers.label

),

-- The next 30 days may reach into the next year.
anniversaries as (

    select
        customer_id,
        joined_years,
        {{ dbt.dateadd('year', 'joined_years', 'joined_on') }} as this_year_on,
        {{ dbt.dateadd('year', 'joined_years + 1', 'joined_on') }} as next_year_on
    from customers
    where is_member

),

celebrating as (

    select customer_id from anniversaries
    where
        (
            this_year_on > {{ as_of_date() }}
            and this_year_on <= {{ dbt.dateadd('day', 30, as_of_date()) }}
            and joined_years > 0
        )
        or next_year_on <= {{ dbt.dateadd('day', 30, as_of_date()) }}

),

final as (

    select
        customers.customer_id,
        gaps.tier as member_tier,
        cast(gaps.upgrade_gap_amount as numeric(18, 2)) as member_upgrade_gap_amount,
        cast(gaps.keep_gap_amount as numeric(18, 2)) as member_keep_gap_amount,
        cast(case
            when gaps.keep_gap_amount = 0
                then {{ dbt.dateadd('year', 1, dbt.last_day(as_of_date(), 'year')) }}
            when gaps.keep_gap_amount > 0
                then {{ dbt.last_day(as_of_date(), 'year') }}
        end as date) as member_keep_until_on,
        {{ dbt.datediff('gaps.from_on', as_of_date(), 'day') }} as member_tier_days,
        gaps.tier_change_365d as member_tier_change_365d,
        case
            when customers.is_member
                then {{ dbt.datediff('customers.joined_on', as_of_date(), 'day') }}
        end as member_joined_days,
        case when customers.is_member then customers.joined_channel_code end
            as member_joined_channel,
        celebrating.customer_id is not null as member_has_anniversary_30d,
        customers.is_tmall_member as member_is_tmall_bound,
        customers.member_tier_tmall,
        customers.member_tier_youzan,
        customers.member_tier_pos
    from customers
    left join gaps on customers.customer_id = gaps.customer_id
    left join celebrating on customers.customer_id = celebrating.customer_id

)

select * from final
