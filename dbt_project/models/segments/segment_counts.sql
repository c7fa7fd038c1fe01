-- How many are in each segment on base_date, and their digest (docs/segments.md). One
-- row per segment that has members.

select
    segment_code,
    count(*) as member_count,
    {{ segment_digest('customer_id') }} as digest
from {{ ref('segment_members') }}
group by segment_code
