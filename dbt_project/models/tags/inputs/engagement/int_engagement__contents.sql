-- What people did with contents: the one scan of all interactions. One row per
-- customer, shop and content; a follow from the shop's page has none.

with

interactions as (

    select
        *,
        interaction_type in (
            'like', 'collect', 'comment', 'share', 'follow'
        ) as is_gesture
    from {{ ref('fct_interactions') }}
    where customer_id is not null

),

contents as (

    select * from {{ ref('dim_contents') }}

),

interaction_summary as (

    select
        customer_id,
        channel_code,
        shop_code,
        content_key,
        count(*) filter (
            where
            interaction_type = 'view'
            and occurred_on > {{ dbt.dateadd('day', -30, as_of_date()) }}
        ) as view_count_30d,
        count(*) filter (
            where
            interaction_type = 'view'
            and occurred_on > {{ dbt.dateadd('day', -90, as_of_date()) }}
        ) as view_count_90d,
        count(*) filter (
            where
            interaction_type = 'view'
            and occurred_on > {{ dbt.dateadd('day', -180, as_of_date()) }}
        ) as view_count_180d,
        coalesce(sum(duration_seconds) filter (
            where
            interaction_type = 'view'
            and occurred_on > {{ dbt.dateadd('day', -90, as_of_date()) }}
        ), 0) as watch_seconds_90d,
        count(*) filter (
            where
            interaction_type = 'product_click'
            and occurred_on > {{ dbt.dateadd('day', -90, as_of_date()) }}
        ) as product_click_count_90d,
        count(*) filter (
            where
            interaction_type = 'like'
            and occurred_on > {{ dbt.dateadd('day', -90, as_of_date()) }}
        ) as like_count_90d,
        count(*) filter (
            where
            interaction_type = 'comment'
            and occurred_on > {{ dbt.dateadd('day', -90, as_of_date()) }}
        ) as comment_count_90d,
        count(*) filter (
            where
            interaction_type = 'collect'
            and occurred_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ) as collect_count_365d,
        count(*) filter (
            where
            interaction_type = 'share'
            and occurred_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ) as share_count_365d,
        count(*) filter (
            where
            is_gesture
            and occurred_on > {{ dbt.dateadd('day', -30, as_of_date()) }}
        ) as gesture_count_30d,
        count(*) filter (
            where
            is_gesture
            and occurred_on > {{ dbt.dateadd('day', -90, as_of_date()) }}
        ) as gesture_count_90d,
        count(*) filter (
            where
            is_gesture
            and occurred_on > {{ dbt.dateadd('day', -180, as_of_date()) }}
        ) as gesture_count_180d,
        max(occurred_at) as last_at,
        max(case when is_gesture then occurred_on end) as last_gesture_on,
        max(case when interaction_type = 'follow' then occurred_at end)
            as last_followed_at,
        max(case when interaction_type = 'unfollow' then occurred_at end)
            as last_unfollowed_at
    from interactions
    group by customer_id, channel_code, shop_code, content_key

),

final as (

    select
        interaction_summary.*,
        contents.content_type,
        contents.topic
    from interaction_summary
    left join contents on interaction_summary.content_key = contents.content_key

)

select * from final
