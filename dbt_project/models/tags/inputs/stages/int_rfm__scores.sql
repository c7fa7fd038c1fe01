-- Where a buyer stands among all buyers in recency, frequency and spend of a year, and
-- the fifth this is (1 lowest, 5 best). Equals share a rank. One row per customer who
-- has ordered.

with

buyers as (

    select * from {{ ref('int_value__tiers') }}

),

cuts as (

    select * from {{ ref('tag_cuts') }}
    where
        cut_set = 'rfm_quantile'
        and {{ as_of_date() }} between valid_from and valid_to

),

-- Materialized: the planner would rank all buyers anew for every cut.
ranked as materialized (

    select
        customer_id,
        cast(
            percent_rank() over (order by days_since_last_order desc)
            as numeric(9, 4)
        ) as recency_rate,
        cast(
            percent_rank() over (order by order_count_365d) as numeric(9, 4)
        ) as frequency_rate,
        cast(
            percent_rank() over (order by net_amount_365d) as numeric(9, 4)
        ) as monetary_rate
    from buyers

),

final as (

    select
        ranked.customer_id,
        ranked.recency_rate,
        ranked.frequency_rate,
        ranked.monetary_rate,
        cast(recency.label as integer) as recency_score,
        cast(frequency.label as integer) as frequency_score,
        cast(monetary.label as integer) as monetary_score
    from ranked
    inner join cuts as recency
        on
            ranked.recency_rate >= recency.from_value
            and (recency.to_value is null or ranked.recency_rate < recency.to_value)
    inner join cuts as frequency
        on
            ranked.frequency_rate >= frequency.from_value
            and (
                frequency.to_value is null
                or ranked.frequency_rate < frequency.to_value
            )
    inner join cuts as monetary
        on
            ranked.monetary_rate >= monetary.from_value
            and (monetary.to_value is null or ranked.monetary_rate < monetary.to_value)

)

select * from final
