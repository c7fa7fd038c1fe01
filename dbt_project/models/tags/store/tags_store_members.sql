-- Member tags of stores: who buys there, who came there first, who is known and kept.
-- One row per store.

with

stores as (

    select * from {{ ref('dim_stores') }}

),

rules as (

    select * from {{ ref('share_rules') }}
    where entity = 'store'

),

-- Only of the year that the stores' buyers are taken from.
online_buyers as (

    select distinct customer_id
    from {{ ref('int_purchases__orders') }}
    where
        channel_code <> 'pos'
        and paid_on > {{ dbt.dateadd('day', -365, as_of_date()) }}

),

friends as (

    select distinct customer_id
    from {{ ref('fct_guide_contacts') }}
    where
        is_current
        and customer_id is not null

),

identified as (

    select
        store_code,
        cast(count(customer_id) as numeric(18, 4)) / count(*) as identified_rate
    from {{ ref('int_stores__purchases') }}
    group by store_code

),

buyer_summary as (

    select
        buyers.store_code,
        count(*) as buyers,
        count(*) filter (where buyers.is_new_customer) as new_customers,
        count(*) filter (where buyers.order_count >= 2) as repeat_buyers,
        count(*) filter (where buyers.is_member) as members,
        count(*) filter (where tiers.value_tier in ('v4', 'v5')) as high_values,
        count(*) filter (where lifecycles.lifecycle_stage in ('sleeping', 'lost'))
            as sleepers,
        count(online_buyers.customer_id) as online_buyers,
        count(friends.customer_id) as friends
    from {{ ref('int_stores__buyers') }} as buyers
    inner join {{ ref('tags_customer_value') }} as tiers
        on buyers.customer_id = tiers.customer_id
    inner join {{ ref('tags_customer_lifecycle') }} as lifecycles
        on buyers.customer_id = lifecycles.customer_id
    left join online_buyers on buyers.customer_id = online_buyers.customer_id
    left join friends on buyers.customer_id = friends.customer_id
    group by buyers.store_code

),

shares as (

    select
        buyer_summary.*,
        case
            when buyer_summary.buyers >= rules.min_count
                then cast(buyer_summary.buyers as numeric(18, 4))
        end as share_base
    from buyer_summary
    cross join rules

),

final as (

    select
        stores.store_code,
        coalesce(shares.buyers, 0) as store_buyer_count_365d,
        coalesce(shares.members, 0) as store_member_count_365d,
        coalesce(shares.new_customers, 0) as store_new_customer_count_365d,
        cast(identified.identified_rate as numeric(9, 4))
            as store_identified_order_rate_365d,
        cast(shares.repeat_buyers / shares.share_base as numeric(9, 4))
            as store_repurchase_rate_365d,
        cast(shares.members / shares.share_base as numeric(9, 4))
            as store_member_rate_365d,
        cast(shares.high_values / shares.share_base as numeric(9, 4))
            as store_high_value_rate_365d,
        cast(shares.sleepers / shares.share_base as numeric(9, 4))
            as store_sleeper_rate_365d,
        cast(shares.online_buyers / shares.share_base as numeric(9, 4))
            as store_online_buyer_rate_365d,
        cast(shares.friends / shares.share_base as numeric(9, 4))
            as store_friend_rate_365d
    from stores
    left join shares on stores.store_code = shares.store_code
    left join identified on stores.store_code = identified.store_code

)

select * from final
