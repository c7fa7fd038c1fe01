-- Campaign sheets of all channels. One row per campaign.
select
    campaign_code,
    name,
    campaign_type,
    starts_on,
    ends_on
from {{ ref('stg_pos__campaigns') }}
