-- Campaigns of the group. One row per campaign.
select
    campaign_code,
    name,
    campaign_type,
    starts_on,
    ends_on
from {{ ref('int_campaigns__unioned') }}
