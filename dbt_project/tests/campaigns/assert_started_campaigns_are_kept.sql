-- Changes to campaigns that have begun, each with its line of the sheet. What was agreed
-- before the start is not changed by what is seen afterwards.
{% set faults %}

with

sheet as (

    select
        campaign_code,
        {{ seed_line() }} as line_no
    from {{ ref('campaign_sheet') }}

),

compared as (

    select
        started.campaign_code,
        sheet.line_no,
        agreed.what,
        agreed.then_text,
        agreed.now_text
    from {{ ref('cmp_started') }} as started
    left join {{ ref('cmp_campaigns') }} as campaigns
        on started.campaign_code = campaigns.campaign_code
    left join sheet on started.campaign_code = sheet.campaign_code
    cross join lateral (
        values
        ('kpi', started.kpi, campaigns.kpi),
        ('segment_code', started.segment_code, campaigns.segment_code),
        ('base_segment_code', started.base_segment_code, campaigns.base_segment_code),
        ('kind', started.kind, campaigns.kind),
        ('product_category', started.product_category, campaigns.product_category),
        (
            'control_percent',
            cast(started.control_percent as text),
            cast(campaigns.control_percent as text)
        ),
        (
            'starts_on',
            cast(started.starts_on as text),
            cast(campaigns.starts_on as text)
        )
    ) as agreed (what, then_text, now_text)

)

select
    'campaign_sheet' as seed,
    coalesce(line_no, 1) as line_no,
    case
        when line_no is null
            then campaign_code || ' has begun and cannot be taken out'
        else
            campaign_code || ' has begun: ' || what || ' was '
            || coalesce(then_text, 'empty') || ' and is now '
            || coalesce(now_text, 'empty') || '; a new campaign gets a new code'
    end as fault
from compared
where
    case
        when line_no is null then what = 'kpi'
        else then_text is distinct from now_text
    end

{% endset %}

{{ stop_at_faults(faults) }}
