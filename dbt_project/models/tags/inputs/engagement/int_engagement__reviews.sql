-- Reviews people wrote. One row per customer who wrote any.

with

reviews as (

    select * from {{ ref('fct_reviews') }}
    where customer_id is not null

),

moods as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'review_mood'
        and {{ as_of_date() }} between valid_from and valid_to

),

final as (

    select
        reviews.customer_id,
        count(*) filter (
            where reviews.reviewed_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ) as review_count_365d,
        count(*) filter (
            where
            moods.label = 'bad'
            and reviews.reviewed_on
            > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ) as bad_review_count_365d,
        avg(reviews.rating) filter (
            where reviews.reviewed_on > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ) as average_rating_365d,
        max(reviews.reviewed_on) as last_review_on
    from reviews
    left join moods
        on
            reviews.rating >= moods.from_value
            and (moods.to_value is null or reviews.rating < moods.to_value)
    group by reviews.customer_id

)

select * from final
