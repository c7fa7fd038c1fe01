-- Events that pass a rule of the seed behaviour_tags, with what the rule measures of
-- them. One row per rule and event.
{{ config(materialized='view', post_hook=[]) }}

with

rules as (

    select * from {{ ref('int_behaviour__rules') }}

),

happenings as (

    select * from {{ ref('int_behaviour__contacts') }}
    union all
    select * from {{ ref('int_behaviour__dealings') }}

),

products as (

    select
        products.product_key,
        products.brand_code,
        profiles.product_category
    from {{ ref('dim_products') }} as products
    inner join {{ ref('tags_product_profile') }} as profiles
        on products.product_key = profiles.product_key

),

contents as (

    select * from {{ ref('dim_contents') }}

),

-- Events meet their rules before anything else is asked of them.
matches as (

    select
        rules.*,
        happenings.customer_id,
        happenings.channel_code,
        happenings.shop_code,
        happenings.product_key,
        happenings.content_key,
        happenings.keyword,
        happenings.detail,
        happenings.quantity,
        happenings.amount,
        happenings.rating,
        happenings.seconds,
        happenings.occurred_at,
        happenings.occurred_on,
        {{ local_hour('happenings.occurred_at') }} as hour_of_day,
        products.product_category,
        contents.content_type,
        contents.topic,
        contents.author_type,
        coalesce(happenings.brand_code, products.brand_code) as brand_code
    from happenings
    inner join rules
        on
            happenings.event_type = rules.event_type
            and (
                rules.after_day is null
                or happenings.occurred_on > rules.after_day
            )
    left join products on happenings.product_key = products.product_key
    left join contents on happenings.content_key = contents.content_key
    where happenings.customer_id is not null

),

final as (

    select
        customer_id,
        tag_code,
        measure,
        occurred_at,
        occurred_on,
        case
            when measure in ('top', 'distinct')
                then {{ behaviour_column('measured_column', 'text') }}
        end as measured_text,
        case
            when measure in ('sum', 'average')
                then {{ behaviour_column('measured_column', 'number') }}
        end as measured_number
    from matches
    where
        {{ behaviour_filter(1) }}
        and {{ behaviour_filter(2) }}
        and {{ behaviour_filter(3) }}

)

select * from final
