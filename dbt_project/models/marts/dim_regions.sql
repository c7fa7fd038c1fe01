-- Cities by GB/T 2260 code. One row per city.
select
    region_code,
    province,
    city,
    city_tier
from {{ ref('regions') }}
