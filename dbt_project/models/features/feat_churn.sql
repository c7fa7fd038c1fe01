-- Buyers who are not silent yet, with the silence that would mean they are gone: inputs
-- of ml.churn. One row per base_date and customer. Who has been silent for longer than
-- his horizon has left already and is a matter of reactivation.
-- The horizon is a high quantile of the customer's own gaps, taken as lognormal. Few
-- gaps tell little: mean and variance of their logarithm lean on everybody's, as if
-- `lean_gaps` more gaps of an average buyer had been seen.

with

buyers as (

    select * from {{ ref('feat_buyer') }}

),

rules as (

    select * from {{ ref('churn_rules') }}

),

everybody as (

    select
        base_date,
        sum(gap_count * log_gap_mean) / nullif(sum(gap_count), 0) as log_gap_mean,
        sum(gap_count * (log_gap_variance + log_gap_mean * log_gap_mean))
        / nullif(sum(gap_count), 0) as log_gap_square
    from buyers
    group by base_date

),

leaning as (

    select
        buyers.base_date,
        buyers.customer_id,
        rules.gap_quantile_z,
        rules.least_days,
        rules.most_days,
        (
            buyers.gap_count * coalesce(buyers.log_gap_mean, 0)
            + rules.lean_gaps * everybody.log_gap_mean
        ) / (buyers.gap_count + rules.lean_gaps) as log_gap_mean,
        (
            buyers.gap_count * coalesce(buyers.log_gap_variance, 0)
            + rules.lean_gaps * (
                everybody.log_gap_square
                - everybody.log_gap_mean * everybody.log_gap_mean
            )
        ) / (buyers.gap_count + rules.lean_gaps) as log_gap_variance
    from buyers
    inner join everybody on buyers.base_date = everybody.base_date
    cross join rules

),

-- Nobody has come twice yet: no gap to learn from, the longest horizon holds.
horizons as (

    select
        base_date,
        customer_id,
        cast(
            least(
                most_days,
                greatest(
                    least_days,
                    coalesce(
                        ceil(exp(
                            log_gap_mean + gap_quantile_z * sqrt(log_gap_variance)
                        )),
                        most_days
                    )
                )
            ) as integer
        ) as churn_horizon_days
    from leaning

),

final as (

    select
        buyers.*,
        horizons.churn_horizon_days,
        cast(buyers.days_since_last_purchase as numeric(18, 4))
        / horizons.churn_horizon_days as silence_rate
    from buyers
    inner join horizons
        on
            buyers.base_date = horizons.base_date
            and buyers.customer_id = horizons.customer_id
    where buyers.days_since_last_purchase <= horizons.churn_horizon_days

)

select * from final
