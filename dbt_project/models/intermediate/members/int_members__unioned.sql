-- Member snapshots of all programmes in one shape. One row per member and version.

with

unioned as (

    select
        record_key,
        channel_code,
        shop_code,
        member_id,
        name,
        gender,
        birthday,
        baby_birthday,
        province,
        city,
        region_code,
        tier,
        is_member,
        is_employee,
        joined_at,
        left_at,
        sms_consent,
        version_at,
        is_current,
        observed_at
    from {{ ref('int_members__platforms') }}

    union all

    select
        record_key,
        channel_code,
        shop_code,
        yz_open_id as member_id,
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
        cast(null as timestamptz) as left_at,
        cast(null as boolean) as sms_consent,
        version_at,
        is_current,
        observed_at
    from {{ ref('stg_youzan__members') }}

    union all

    select
        record_key,
        channel_code,
        shop_code,
        pos_member_no as member_id,
        name,
        gender,
        birthday,
        baby_birthday,
        cast(null as {{ dbt.type_string() }}) as province,
        cast(null as {{ dbt.type_string() }}) as city,
        region_code,
        tier,
        true as is_member,
        is_employee,
        joined_at,
        left_at,
        cast(null as boolean) as sms_consent,
        version_at,
        is_current,
        observed_at
    from {{ ref('stg_pos__members') }}

    union all

    select
        record_key,
        channel_code,
        shop_code,
        wechat_openid as member_id,
        name,
        'unknown' as gender,
        cast(null as date) as birthday,
        cast(null as date) as baby_birthday,
        cast(null as {{ dbt.type_string() }}) as province,
        cast(null as {{ dbt.type_string() }}) as city,
        cast(null as {{ dbt.type_string() }}) as region_code,
        tier,
        is_member,
        false as is_employee,
        joined_at,
        cast(null as timestamptz) as left_at,
        cast(null as boolean) as sms_consent,
        version_at,
        is_current,
        observed_at
    from {{ ref('stg_mini_program__members') }}

),

regions as (

    select * from {{ ref('regions') }}

),

aliases as (

    select * from {{ ref('region_aliases') }}

),

-- Tmall and Youzan write cities as people do: 上海, 上海市 and 沪 are one.
final as (

    select
        unioned.record_key,
        unioned.channel_code,
        unioned.shop_code,
        unioned.member_id,
        unioned.name,
        unioned.gender,
        unioned.birthday,
        unioned.baby_birthday,
        coalesce(regions.province, unioned.province) as province,
        coalesce(regions.city, unioned.city) as city,
        regions.region_code,
        unioned.tier,
        unioned.is_member,
        unioned.is_employee,
        unioned.joined_at,
        unioned.left_at,
        unioned.sms_consent,
        unioned.version_at,
        unioned.is_current,
        unioned.observed_at
    from unioned
    left join aliases on unioned.city = aliases.alias
    left join regions
        on coalesce(unioned.region_code, aliases.region_code) = regions.region_code

)

select * from final
