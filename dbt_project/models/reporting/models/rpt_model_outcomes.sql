-- What a model said and what happened, for every date whose outcome is known by now.
-- One row per model, base_date, brand and band. Rows without an outcome (people merged
-- since, or not among those whose labels are looked up) are counted, not judged.

with

scores as (

    select * from {{ source('ml', 'score_history') }}

),

outcomes as (

    select * from {{ ref('label_outcomes') }}

),

told_dates as (

    select
        model_name,
        base_date
    from outcomes
    group by model_name, base_date

),

final as (

    select
        scores.model,
        scores.base_date,
        scores.brand_code,
        scores.band,
        count(*) as scored_count,
        count(outcomes.is_yes) as known_count,
        avg(scores.score) filter (where outcomes.is_yes is not null) as predicted_rate,
        cast(avg(cast(outcomes.is_yes as integer)) as double precision)
            as observed_rate
    from scores
    inner join told_dates
        on
            scores.model = told_dates.model_name
            and scores.base_date = told_dates.base_date
    left join outcomes
        on
            scores.model = outcomes.model_name
            and scores.base_date = outcomes.base_date
            and scores.customer_id = outcomes.customer_id
            and scores.brand_code = outcomes.brand_code
    group by scores.model, scores.base_date, scores.brand_code, scores.band

)

select * from final
