-- Engagement tags: contents, reviews, leads. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

interactions as (

    select * from {{ ref('int_engagement__interactions') }}

),

reviews as (

    select * from {{ ref('int_engagement__reviews') }}

),

levels as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'engagement_level'
        and {{ as_of_date() }} between valid_from and valid_to

),

leads as (

    select
        customer_id,
        count(*) filter (
            where submitted_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ) as lead_count_365d,
        {{ max_by('status', 'submitted_at') }} as last_status
    from {{ ref('fct_leads') }}
    where customer_id is not null
    group by customer_id

),

final as (

    select
        customers.customer_id,
        cast(coalesce(interactions.view_count_30d, 0) as bigint)
            as engagement_content_view_count_30d,
        cast(floor(coalesce(interactions.live_seconds_90d, 0) / 60) as bigint)
            as engagement_live_watch_minutes_90d,
        coalesce(interactions.live_session_count_90d, 0)
            as engagement_live_session_count_90d,
        cast(coalesce(interactions.product_click_count_90d, 0) as bigint)
            as engagement_product_click_count_90d,
        cast(coalesce(interactions.gesture_count_30d, 0) as bigint)
            as engagement_interaction_count_30d,
        cast(coalesce(interactions.like_count_90d, 0) as bigint)
            as engagement_like_count_90d,
        cast(coalesce(interactions.comment_count_90d, 0) as bigint)
            as engagement_comment_count_90d,
        cast(coalesce(interactions.collect_count_365d, 0) as bigint)
            as engagement_collect_count_365d,
        cast(coalesce(interactions.share_count_365d, 0) as bigint)
            as engagement_share_count_365d,
        coalesce(interactions.followed_shop_count, 0)
            as engagement_followed_account_count,
        levels.label as engagement_level,
        interactions.main_topic as engagement_main_topic_180d,
        interactions.main_content_type as engagement_main_content_type_180d,
        interactions.main_channel_code as engagement_main_channel_180d,
        {{ dbt.datediff('interactions.last_gesture_on', as_of_date(), 'day') }}
            as engagement_days_since_last_interaction,
        coalesce(reviews.review_count_365d, 0) as engagement_review_count_365d,
        coalesce(reviews.bad_review_count_365d, 0) as engagement_bad_review_count_365d,
        cast(reviews.average_rating_365d as numeric(4, 2))
            as engagement_average_rating_365d,
        reviews.last_review_on as engagement_last_review_on,
        coalesce(leads.lead_count_365d, 0) as engagement_lead_count_365d,
        leads.last_status as engagement_last_lead_status
    from customers
    left join interactions on customers.customer_id = interactions.customer_id
    left join reviews on customers.customer_id = reviews.customer_id
    left join leads on customers.customer_id = leads.customer_id
    left join levels
        on
            coalesce(interactions.gesture_count_90d, 0) >= levels.from_value
            and (
                levels.to_value is null
                or coalesce(interactions.gesture_count_90d, 0) < levels.to_value
            )

)

select * from final
