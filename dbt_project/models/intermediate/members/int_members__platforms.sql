-- Member snapshots of the shopping platforms in one shape. One row per member and
-- version.

with

final as (

    select
        record_key,
        channel_code,
        shop_code,
        tmall_ouid as member_id,
        name,
        gender,
        birthday,
        baby_birthday,
        province,
        city,
        cast(null as {{ dbt.type_string() }}) as region_code,
        tier,
        true as is_member,
        false as is_employee,
        joined_at,
        left_at,
        sms_consent,
        version_at,
        is_current,
        observed_at
    from {{ ref('stg_tmall__members') }}

    union all

    select
        record_key,
        channel_code,
        shop_code,
        douyin_open_id as member_id,
        name,
        gender,
        birthday,
        baby_birthday,
        province,
        city,
        cast(null as {{ dbt.type_string() }}) as region_code,
        tier,
        true as is_member,
        false as is_employee,
        joined_at,
        left_at,
        sms_consent,
        version_at,
        is_current,
        observed_at
    from {{ ref('stg_douyin__members') }}

    union all

    select
        record_key,
        channel_code,
        shop_code,
        xhs_user_id as member_id,
        name,
        gender,
        birthday,
        baby_birthday,
        province,
        city,
        cast(null as {{ dbt.type_string() }}) as region_code,
        tier,
        is_member,
        false as is_employee,
        joined_at,
        left_at,
        sms_consent,
        version_at,
        is_current,
        observed_at
    from {{ ref('stg_xiaohongshu__members') }}

    union all

    select
        record_key,
        channel_code,
        shop_code,
        kuaishou_open_id as member_id,
        name,
        gender,
        birthday,
        cast(null as date) as baby_birthday,
        province,
        city,
        cast(null as {{ dbt.type_string() }}) as region_code,
        tier,
        true as is_member,
        false as is_employee,
        joined_at,
        left_at,
        sms_consent,
        version_at,
        is_current,
        observed_at
    from {{ ref('stg_kuaishou__members') }}

)

select * from final
