-- Every KPI of an arm with the variance of its estimate. One row per campaign,
-- population, arm, period and KPI. A KPI is a sum over another (people, for all but
-- the ticket); its variance is that of the residuals (delta method), which for a mean
-- is the usual one. Shares get one success and one failure more in each arm (Agresti
-- and Caffo 2000): the plain interval is too narrow for small or rare ones.
{{ config(materialized='view') }}

with

arms as (

    select * from {{ ref('int_campaigns__sums') }}

),

kpis as (

    select * from {{ ref('campaign_kpis') }}

),

campaigns as (

    select * from {{ ref('cmp_campaigns') }}

),

fractions as (

    select
        arms.campaign_code,
        arms.population,
        arms.arm,
        arms.period,
        kpis.kpi,
        kpis.kind,
        arms.person_count,
        case kpis.kpi
            when 'buyer_rate' then arms.buyer_count
            when 'repurchase_rate' then arms.repurchaser_count
            when 'category_buyer_rate' then arms.category_buyer_count
            when 'orders_per_person' then arms.order_count
            when 'sales_per_person' then arms.sales_amount
            else arms.net_amount
        end as numerator,
        case when kpis.kind = 'ratio' then arms.order_count else arms.person_count end
            as denominator,
        case kpis.kpi
            when 'orders_per_person' then arms.order_squares
            when 'sales_per_person' then arms.sales_squares
            else arms.net_squares
        end as numerator_squares,
        case when kpis.kind = 'ratio' then arms.order_squares else arms.person_count end
            as denominator_squares,
        case
            when kpis.kind = 'ratio' then arms.net_order_products
            when kpis.kpi = 'orders_per_person' then arms.order_count
            when kpis.kpi = 'sales_per_person' then arms.sales_amount
            else arms.net_amount
        end as products
    from arms
    cross join kpis
    inner join campaigns on arms.campaign_code = campaigns.campaign_code
    where
        kpis.kpi <> 'category_buyer_rate' or campaigns.product_category is not null

),

estimated as (

    select
        *,
        cast(numerator as numeric) / nullif(denominator, 0) as estimate,
        cast(numerator + 1 as numeric) / (person_count + 2) as wide_share
    from fractions

),

final as (

    select
        campaign_code,
        population,
        arm,
        period,
        kpi,
        kind,
        person_count,
        estimate,
        case when kind = 'share' then wide_share else estimate end as center,
        case
            when kind = 'share'
                then wide_share * (1 - wide_share) / (person_count + 2)
            else
                -- Rounding of the estimate must not make it negative.
                greatest(
                    numerator_squares
                    - 2 * estimate * products
                    + estimate * estimate * denominator_squares,
                    0
                )
                * person_count
                / nullif(
                    (person_count - 1) * cast(denominator * denominator as numeric), 0
                )
        end as variance
    from estimated

)

select * from final
