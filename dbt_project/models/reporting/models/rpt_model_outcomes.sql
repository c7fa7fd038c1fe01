-- What a model said and what happened, for every date whose outcome is known by now.
-- One row per model, base_date, brand and band: rates where it was asked whether, mean
-- amounts where how much. Rows without an outcome (people merged since, or not among
-- those whose labels are looked up) are counted, not judged.

with

yes_or_no as (

    select
        model,
        base_date,
        customer_id,
        brand_code,
        band,
        score,
        cast(null as numeric(18, 2)) as amount
    from {{ source('ml', 'score_history') }}

),

-- The chance of a purchase in 30 days, in quarters: the model itself has no bands.
purchase_time as (

    select
        'purchase_time' as model_name,
        base_date,
        customer_id,
        'all' as brand_code,
        case
            when probability_30d >= 0.75 then 'high'
            when probability_30d >= 0.5 then 'mid'
            when probability_30d >= 0.25 then 'low'
            else 'none'
        end as band,
        cast(probability_30d as double precision) as score,
        cast(null as numeric(18, 2)) as amount
    from {{ source('ml', 'purchase_time_scores') }}

),

-- The value of 90 days by the tier of expected orders.
cltv as (

    select
        'cltv' as model_name,
        base_date,
        customer_id,
        'all' as brand_code,
        orders_tier as band,
        cast(null as double precision) as score,
        value_90d as amount
    from {{ source('ml', 'cltv_scores') }}

),

-- By position: a model's name is model, as score_history has it.
said as (

    select * from yes_or_no
    union all
    select * from purchase_time
    union all
    select * from cltv

),

outcomes as (

    select
        *,
        is_yes is not null or amount is not null as is_known
    from {{ ref('label_outcomes') }}

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
        said.model,
        said.base_date,
        said.brand_code,
        said.band,
        count(*) as scored_count,
        count(*) filter (where outcomes.is_known) as known_count,
        avg(said.score) filter (where outcomes.is_known) as predicted_rate,
        cast(avg(cast(outcomes.is_yes as integer)) as double precision)
            as observed_rate,
        cast(
            avg(said.amount) filter (where outcomes.is_known) as double precision
        ) as predicted_amount,
        cast(avg(outcomes.amount) as double precision) as observed_amount
    from said
    inner join told_dates
        on
            said.model = told_dates.model_name
            and said.base_date = told_dates.base_date
    left join outcomes
        on
            said.model = outcomes.model_name
            and said.base_date = outcomes.base_date
            and said.customer_id = outcomes.customer_id
            and said.brand_code = outcomes.brand_code
    group by said.model, said.base_date, said.brand_code, said.band

)

select * from final
