-- What people did outside orders: mini-shop behaviour, and joining a programme. One row
-- per event.

with

behaviour as (

    select
        record_key,
        channel_code,
        shop_code,
        yz_open_id as member_id,
        event_type,
        item_code_raw,
        quantity,
        keyword,
        occurred_at
    from {{ ref('stg_youzan__events') }}

    union all

    select
        record_key,
        channel_code,
        shop_code,
        wechat_openid as member_id,
        event_type,
        item_code_raw,
        quantity,
        keyword,
        occurred_at
    from {{ ref('stg_mini_program__events') }}

),

members as (

    select * from {{ ref('int_members__unioned') }}
    where is_current and is_member and joined_at is not null

),

-- Mini-programs report most joins themselves; the member list fills in the others.
reported_joins as (

    select distinct
        channel_code,
        member_id
    from behaviour
    where event_type = 'join' and member_id is not null

),

unioned as (

    select
        record_key as event_key,
        record_key,
        channel_code,
        shop_code,
        event_type,
        item_code_raw,
        quantity,
        keyword,
        occurred_at
    from behaviour

    union all

    select
        {{ bigint_key(['members.channel_code', "'join'", 'members.member_id']) }}
            as event_key,
        members.record_key,
        members.channel_code,
        members.shop_code,
        'join' as event_type,
        cast(null as {{ dbt.type_string() }}) as item_code_raw,
        cast(null as numeric(18, 3)) as quantity,
        cast(null as {{ dbt.type_string() }}) as keyword,
        members.joined_at as occurred_at
    from members
    left join reported_joins
        on
            members.channel_code = reported_joins.channel_code
            and members.member_id = reported_joins.member_id
    where reported_joins.member_id is null

),

final as (

    select
        *,
        {{ bigint_key(['channel_code', "'merchant'", 'item_code_raw']) }}
            as product_code_key,
        {{ local_date('occurred_at') }} as occurred_on
    from unioned

)

select * from final
