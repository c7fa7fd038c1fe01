-- Good Douyin ad exposures whose day has come. One row per showing or click.
select *
from {{ ref('base_douyin__ad_exposures') }}
where reject_reason is null and due_on <= {{ as_of_date() }}
