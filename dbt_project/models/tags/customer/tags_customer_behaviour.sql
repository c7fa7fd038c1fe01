-- Behaviour tags: null for people no event channel has ever seen. One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

visits as (

    select * from {{ ref('int_behaviour__visits') }}

),

carts as (

    select * from {{ ref('int_behaviour__carts') }}

),

views as (

    select * from {{ ref('int_behaviour__views') }}

),

-- Tags by configuration that became columns (`quanyu tag promote`).
promoted as (

    select * from {{ ref('int_behaviour__promoted') }}

),

trends as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'activity_trend'
        and {{ as_of_date() }} between valid_from and valid_to

),

recent_buyers as (

    select distinct customer_id from {{ ref('int_purchases__orders') }}
    where paid_on > {{ dbt.dateadd('day', -90, as_of_date()) }}

),

final as (

    select
        customers.customer_id,
        visits.last_visit_on as behaviour_last_visit_on,
        {{ dbt.datediff('visits.last_visit_on', as_of_date(), 'day') }}
            as behaviour_days_since_last_visit,
        visits.active_days_7d as behaviour_active_days_7d,
        visits.active_days_30d as behaviour_active_days_30d,
        case
            when visits.active_days_30d = 0 then 'away'
            else trends.label
        end as behaviour_activity_trend,
        visits.main_daypart_180d as behaviour_main_daypart_180d,
        visits.main_channel_180d as behaviour_main_channel_180d,
        case
            when visits.customer_id is not null
                then cast(coalesce(visits.view_count_30d, 0) as bigint)
        end as behaviour_view_count_30d,
        case
            when visits.customer_id is not null
                then coalesce(views.unbought_product_count, 0)
        end as behaviour_viewed_unbought_count_30d,
        views.unbought_category as behaviour_viewed_unbought_category_30d,
        case
            when visits.customer_id is not null
                then cast(coalesce(visits.search_count_30d, 0) as bigint)
        end as behaviour_search_count_30d,
        visits.last_keyword as behaviour_last_keyword,
        case
            when visits.customer_id is not null
                then cast(coalesce(visits.cart_add_count_30d, 0) as bigint)
        end as behaviour_cart_add_count_30d,
        case
            when visits.customer_id is not null
                then cast(round(coalesce(carts.unordered_quantity_7d, 0)) as bigint)
        end as behaviour_cart_unordered_count_7d,
        cast(
            1.0 * carts.ordered_product_count_90d
            / nullif(carts.added_product_count_90d, 0) as numeric(9, 4)
        ) as behaviour_cart_order_rate_90d,
        case
            when visits.customer_id is not null
                then cast(coalesce(visits.share_count_90d, 0) as bigint)
        end as behaviour_share_count_90d,
        visits.check_in_days_30d as behaviour_check_in_days_30d,
        coalesce(
            visits.last_visit_on > {{ dbt.dateadd('day', -90, as_of_date()) }}, false
        )
        and recent_buyers.customer_id is null as behaviour_is_looking_only_90d,
        coalesce(promoted.behaviour_coupon_view_count_30d, 0)
            as behaviour_coupon_view_count_30d,
        promoted.behaviour_top_keyword_90d
    from customers
    left join visits on customers.customer_id = visits.customer_id
    left join carts on customers.customer_id = carts.customer_id
    left join views on customers.customer_id = views.customer_id
    left join promoted on customers.customer_id = promoted.customer_id
    left join recent_buyers on customers.customer_id = recent_buyers.customer_id
    left join trends
        on
            visits.activity_ratio >= trends.from_value
            and (
                trends.to_value is null
                or visits.activity_ratio < trends.to_value
            )

)

select * from final
