-- What was agreed of a campaign when it began: whom it is for, which control, which
-- KPI decides. One row per campaign that has begun. Append-only: a sheet that is
-- changed afterwards changes nothing here, and assert_started_campaigns_are_kept says
-- so.
{{ config(materialized='incremental', full_refresh=false) }}

with

campaigns as (

    select * from {{ ref('cmp_campaigns') }}
    where status <> 'planned'

),

final as (

    select
        campaigns.campaign_code,
        campaigns.kpi,
        campaigns.segment_code,
        campaigns.base_segment_code,
        campaigns.kind,
        campaigns.product_category,
        campaigns.control_percent,
        campaigns.starts_on,
        {{ as_of_date() }} as recorded_on,
        '{{ invocation_id }}' as run_id
    from campaigns
    left join {{ rows_so_far({'campaign_code': 'text'}) }} as recorded
        on campaigns.campaign_code = recorded.campaign_code
    where recorded.campaign_code is null

)

select * from final
