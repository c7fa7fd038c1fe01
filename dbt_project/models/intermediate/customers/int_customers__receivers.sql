-- Who goods were sent to, online. One row per order that names a receiver.

select
    record_key,
    receiver_name,
    receiver_phone,
    receiver_phone_raw
from {{ ref('stg_tmall__orders') }}
where receiver_name is not null
union all
select
    record_key,
    receiver_name,
    receiver_phone,
    receiver_phone_raw
from {{ ref('stg_youzan__orders') }}
where receiver_name is not null
union all
select
    record_key,
    receiver_name,
    receiver_phone,
    receiver_phone_raw
from {{ ref('stg_douyin__orders') }}
where receiver_name is not null
union all
select
    record_key,
    receiver_name,
    receiver_phone,
    receiver_phone_raw
from {{ ref('stg_xiaohongshu__orders') }}
where receiver_name is not null
union all
select
    record_key,
    receiver_name,
    receiver_phone,
    receiver_phone_raw
from {{ ref('stg_kuaishou__orders') }}
where receiver_name is not null
