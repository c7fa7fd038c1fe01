-- Interactions with contents, shop by shop and content by content put together. One row
-- per customer who ever met one.

with

contents as (

    select * from {{ ref('int_engagement__contents') }}

),

interactions as (

    select
        customer_id,
        sum(view_count_30d) as view_count_30d,
        sum(product_click_count_90d) as product_click_count_90d,
        sum(like_count_90d) as like_count_90d,
        sum(comment_count_90d) as comment_count_90d,
        sum(collect_count_365d) as collect_count_365d,
        sum(share_count_365d) as share_count_365d,
        sum(gesture_count_30d) as gesture_count_30d,
        sum(gesture_count_90d) as gesture_count_90d,
        sum(watch_seconds_90d) filter (where content_type = 'live')
            as live_seconds_90d,
        count(*) filter (where content_type = 'live' and view_count_90d > 0)
            as live_session_count_90d,
        max(last_gesture_on) as last_gesture_on
    from contents
    group by customer_id

),

-- Who unfollows and comes back follows: the later of the two decides, shop by shop.
shops as (

    select
        customer_id,
        shop_code,
        max(last_followed_at) as last_followed_at,
        max(last_unfollowed_at) as last_unfollowed_at
    from contents
    group by customer_id, shop_code

),

followed as (

    select
        customer_id,
        count(*) as shop_count
    from shops
    where
        last_followed_at is not null
        and (last_unfollowed_at is null or last_followed_at > last_unfollowed_at)
    group by customer_id

),

-- What is liked is told by gestures, what is watched by views; ties to the latest.
topics as (

    select
        customer_id,
        topic,
        row_number() over (
            partition by customer_id
            order by sum(gesture_count_180d) desc, max(last_at) desc, topic asc
        ) as place
    from contents
    where gesture_count_180d > 0 and topic is not null
    group by customer_id, topic

),

content_types as (

    select
        customer_id,
        content_type,
        row_number() over (
            partition by customer_id
            order by sum(view_count_180d) desc, max(last_at) desc, content_type asc
        ) as place
    from contents
    where view_count_180d > 0 and content_type is not null
    group by customer_id, content_type

),

channels as (

    select
        customer_id,
        channel_code,
        row_number() over (
            partition by customer_id
            order by sum(view_count_180d) desc, max(last_at) desc, channel_code asc
        ) as place
    from contents
    where view_count_180d > 0
    group by customer_id, channel_code

),

final as (

    select
        interactions.*,
        topics.topic as main_topic,
        content_types.content_type as main_content_type,
        channels.channel_code as main_channel_code,
        coalesce(followed.shop_count, 0) as followed_shop_count
    from interactions
    left join followed on interactions.customer_id = followed.customer_id
    left join topics
        on interactions.customer_id = topics.customer_id and topics.place = 1
    left join content_types
        on
            interactions.customer_id = content_types.customer_id
            and content_types.place = 1
    left join channels
        on interactions.customer_id = channels.customer_id and channels.place = 1

)

select * from final
