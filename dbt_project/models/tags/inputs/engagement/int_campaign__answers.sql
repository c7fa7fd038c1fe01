-- Purchases of the last 90 days within the days of answer after a received touch. One
-- row per customer with such a purchase.

with

answer_days as (

    select to_value as day_count from {{ ref('tag_cuts') }}
    where
        cut_set = 'touch_answer_days'
        and {{ as_of_date() }} between valid_from and valid_to

),

-- In one line of time, so that the touch before a purchase needs no join of the facts.
happenings as (

    select
        touches.customer_id,
        touches.sent_at as happened_at,
        0 as is_purchase,
        touches.sent_at,
        cast(null as numeric(18, 2)) as net_amount,
        0 as happening_key
    from {{ ref('fct_touches') }} as touches
    cross join answer_days
    where
        touches.customer_id is not null
        and touches.status in ('delivered', 'unsubscribed')
        and touches.sent_on >= {{ dbt.dateadd(
            'day', '-90 - answer_days.day_count', as_of_date()
        ) }}
    union all
    select
        customer_id,
        paid_at as happened_at,
        1 as is_purchase,
        cast(null as timestamp with time zone) as sent_at,
        net_amount,
        parent_order_key as happening_key
    from {{ ref('int_purchases__orders') }}
    where paid_on > {{ dbt.dateadd('day', -90, as_of_date()) }}

),

timeline as (

    select
        *,
        max(sent_at) over (
            partition by customer_id
            order by happened_at asc, is_purchase asc, happening_key asc
            rows between unbounded preceding and current row
        ) as last_touched_at
    from happenings

),

final as (

    select
        timeline.customer_id,
        count(*) as order_count_90d,
        sum(timeline.net_amount) as net_amount_90d
    from timeline
    cross join answer_days
    where
        timeline.is_purchase = 1
        and timeline.happened_at <= {{ dbt.dateadd(
            'day', 'answer_days.day_count', 'timeline.last_touched_at'
        ) }}
    group by timeline.customer_id

)

select * from final
