-- Where campaigns stand: the KPI each was agreed to be decided by, beside the
-- control, as it was last read. One row per campaign and population; a planned one
-- has no figures.

with

campaigns as (

    select * from {{ ref('cmp_campaigns') }}

),

rules as (

    select * from {{ ref('campaign_rules') }}

),

readings as (

    select
        *,
        row_number() over (
            partition by campaign_code, population, kpi order by base_date desc
        ) as recency,
        max(case when is_unlike_before then 1 else 0 end) over (
            partition by campaign_code, population, base_date
        ) as is_any_unlike
    from {{ ref('cmp_lift') }}

),

sized as (

    select
        readings.*,
        campaigns.control_percent / 100 as control_share,
        readings.treated_count + readings.control_count as person_count
    from readings
    inner join campaigns
        on
            readings.campaign_code = campaigns.campaign_code
            and readings.kpi = campaigns.kpi
    where readings.recency = 1

),

final as (

    select
        campaigns.campaign_code,
        campaigns.name_zh,
        campaigns.play,
        campaigns.play_name_zh,
        coalesce(sized.population, 'audience') as population,
        campaigns.segment_code,
        campaigns.base_segment_code,
        campaigns.kind,
        campaigns.status,
        campaigns.starts_on,
        campaigns.ends_on,
        campaigns.settles_on,
        campaigns.control_percent,
        campaigns.owner,
        campaigns.goal,
        campaigns.kpi,
        sized.base_date as read_on,
        sized.treated_count,
        sized.control_count,
        sized.treated_estimate,
        sized.control_estimate,
        sized.difference,
        sized.lower_bound,
        sized.upper_bound,
        sized.verdict,
        -- What the treated people did more than they would have.
        case
            when campaigns.kpi <> 'average_ticket'
                then sized.difference * sized.treated_count
        end as incremental_total,
        sized.is_any_unlike = 1 as is_unlike_before,
        abs(sized.control_count - sized.person_count * sized.control_share)
        > rules.ratio_z
        * sqrt(sized.person_count * sized.control_share * (1 - sized.control_share))
            as is_control_of_wrong_size
    from campaigns
    cross join rules
    left join sized on campaigns.campaign_code = sized.campaign_code

)

select * from final
