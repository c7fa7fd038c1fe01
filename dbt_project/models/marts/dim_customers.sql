-- Customers: the golden record. One row per OneID in use.

with

customers as (

    select * from {{ ref('oneid_customers') }}
    where status = 'active'

),

survivors as (

    select * from {{ ref('int_customers__survivors') }}

),

members as (

    select * from {{ ref('int_members__unioned') }}
    where is_current

),

records as (

    select * from {{ ref('oneid_records') }}
    where record_type = 'member'

),

regions as (

    select * from {{ ref('dim_regions') }}

),

golden as (

    select
        customer_id,
        max(value) filter (where attribute = 'name') as name,
        max(value) filter (where attribute = 'gender') as gender,
        max(value) filter (where attribute = 'birthday') as birthday,
        max(value) filter (where attribute = 'baby_birthday') as baby_birthday,
        max(value) filter (where attribute = 'region_code') as region_code
    from survivors
    group by customer_id

),

memberships as (

    select
        records.customer_id,
        members.channel_code,
        members.tier,
        members.is_employee,
        members.joined_at,
        members.is_member,
        members.is_member and members.left_at is null as is_active_member,
        -- Of several accounts in one programme the latest change speaks for its tier.
        row_number() over (
            partition by
                records.customer_id,
                members.channel_code,
                members.is_member and members.left_at is null
            order by members.version_at desc, members.record_key asc
        ) as recency,
        row_number() over (
            partition by records.customer_id, members.is_member
            order by members.joined_at asc nulls last, members.channel_code asc
        ) as joining
    from members
    inner join records on members.record_key = records.record_key

),

member_summary as (

    select
        customer_id,
        bool_or(is_active_member) as is_member,
        bool_or(is_employee) as is_employee,
        min(joined_at) filter (where is_member) as joined_at,
        max(channel_code) filter (
            where is_member and joining = 1
        ) as joined_channel_code,
        bool_or(channel_code = 'tmall' and is_active_member) as is_tmall_member,
        max(tier) filter (
            where channel_code = 'tmall' and is_active_member and recency = 1
        ) as member_tier_tmall,
        max(tier) filter (
            where channel_code = 'youzan' and is_active_member and recency = 1
        ) as member_tier_youzan,
        max(tier) filter (
            where channel_code = 'pos' and is_active_member and recency = 1
        ) as member_tier_pos
    from memberships
    group by customer_id

),

-- Some tills keep the form of address in the name: 王女士 says what the field leaves out.
final as (

    select
        customers.customer_id,
        golden.name,
        case
            when golden.gender is not null then golden.gender
            when golden.name like '%女士' or golden.name like '%小姐' then 'female'
            when golden.name like '%先生' then 'male'
            else 'unknown'
        end as gender,
        golden.gender is null and (
            golden.name like '%女士'
            or golden.name like '%小姐'
            or golden.name like '%先生'
        ) is true as gender_is_inferred,
        cast(golden.birthday as date) as birthday,
        cast(golden.baby_birthday as date) as baby_birthday,
        regions.province,
        regions.city,
        golden.region_code,
        customers.first_seen_on,
        coalesce(member_summary.is_member, false) as is_member,
        member_summary.joined_at,
        member_summary.joined_channel_code,
        coalesce(member_summary.is_tmall_member, false) as is_tmall_member,
        member_summary.member_tier_tmall,
        member_summary.member_tier_youzan,
        member_summary.member_tier_pos,
        coalesce(member_summary.is_employee, false) as is_employee
    from customers
    left join golden on customers.customer_id = golden.customer_id
    left join member_summary on customers.customer_id = member_summary.customer_id
    left join regions on golden.region_code = regions.region_code

)

select * from final
