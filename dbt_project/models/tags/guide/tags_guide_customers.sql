-- Tags of the customers a guide serves: whom to hand over, whom to call. One row per
-- person.

with

guides as (

    select * from {{ ref('dim_guides') }}

),

rules as (

    select * from {{ ref('share_rules') }}
    where entity = 'guide'

),

contacts as (

    select
        staff_code,
        count(*) filter (
            where added_on > {{ dbt.dateadd('day', -90, as_of_date()) }}
        ) as added_count,
        count(*) filter (
            where
            deleted_by = 'contact'
            and deleted_on > {{ dbt.dateadd('day', -90, as_of_date()) }}
        ) as lost_count
    from {{ ref('fct_guide_contacts') }}
    group by staff_code

),

served as (

    select
        customers.staff_code,
        count(*) as customer_count,
        count(*) filter (where customers.is_assigned) as assigned_count,
        count(*) filter (where customers.is_friend) as friend_count,
        count(*) filter (where tiers.value_tier in ('v4', 'v5')) as high_value_count,
        count(*) filter (where lifecycles.lifecycle_stage in ('sleeping', 'lost'))
            as sleeper_count,
        count(*) filter (where customers.is_assigned and not customers.is_friend)
            as not_friend_count,
        count(*) filter (where purchases.purchase_days_since_last_order < 90)
            as buyer_count_90d
    from {{ ref('int_guides__customers') }} as customers
    inner join {{ ref('tags_customer_value') }} as tiers
        on customers.customer_id = tiers.customer_id
    inner join {{ ref('tags_customer_lifecycle') }} as lifecycles
        on customers.customer_id = lifecycles.customer_id
    inner join {{ ref('tags_customer_purchase') }} as purchases
        on customers.customer_id = purchases.customer_id
    group by customers.staff_code

),

final as (

    select
        guides.staff_code,
        coalesce(served.customer_count, 0) as guide_customer_count,
        coalesce(served.assigned_count, 0) as guide_assigned_count,
        coalesce(served.friend_count, 0) as guide_friend_count,
        coalesce(served.not_friend_count, 0) as guide_assigned_not_friend_count,
        coalesce(contacts.added_count, 0) as guide_new_friend_count_90d,
        coalesce(contacts.lost_count, 0) as guide_lost_friend_count_90d,
        coalesce(served.high_value_count, 0) as guide_high_value_count,
        coalesce(served.sleeper_count, 0) as guide_sleeper_count,
        cast(case
            when served.customer_count >= rules.min_count
                then
                    cast(served.buyer_count_90d as numeric(18, 4))
                    / served.customer_count
        end as numeric(9, 4)) as guide_customer_buyer_rate_90d
    from guides
    cross join rules
    left join served on guides.staff_code = served.staff_code
    left join contacts on guides.staff_code = contacts.staff_code

)

select * from final
