-- The people that campaigns under way are measured over: their audience, and the base
-- of their play (优质人群), as agreed when they began. One row per campaign and
-- population. A closed campaign is not computed any more.
{{ config(materialized='view') }}

with

started as (

    select * from {{ ref('cmp_started') }}

),

campaigns as (

    select * from {{ ref('cmp_campaigns') }}
    where status in ('running', 'settling')

),

under_way as (

    select
        started.*,
        campaigns.before_from_on,
        campaigns.measured_to
    from started
    inner join campaigns on started.campaign_code = campaigns.campaign_code

),

final as (

    select
        campaign_code,
        'audience' as population,
        segment_code,
        kind,
        product_category,
        control_percent,
        before_from_on,
        starts_on,
        measured_to
    from under_way
    union all
    select
        campaign_code,
        'base' as population,
        base_segment_code as segment_code,
        kind,
        product_category,
        control_percent,
        before_from_on,
        starts_on,
        measured_to
    from under_way
    where base_segment_code <> segment_code

)

select * from final
