-- What may be compared where no identifier ties: names, birthdays, cities, and the ends
-- of phones, which masked numbers (138****1234) show too. One row per customer, trait
-- and value.
{{ config(materialized='table', post_hook='analyze {{ this }}') }}

with

records as not materialized (

    select * from {{ ref('oneid_records') }}
    where customer_id is not null

),

members as (

    select * from {{ ref('int_members__unioned') }}

),

-- Nicknames of WeChat and Xiaohongshu are no names (seed survivorship).
names as (

    select distinct
        records.customer_id,
        members.name
    from members
    inner join records on members.record_key = records.record_key
    where
        members.channel_code in ('pos', 'tmall', 'douyin', 'kuaishou')
        and members.name is not null

),

named as (

    select distinct customer_id from names

),

-- A parcel is the customer's own when it has his name, or he has told none: the others
-- are gifts, and their receivers are somebody else.
receivers as (

    select
        records.customer_id,
        receivers.receiver_name,
        coalesce(receivers.receiver_phone, receivers.receiver_phone_raw) as phone
    from {{ ref('int_customers__receivers') }} as receivers
    inner join records on receivers.record_key = records.record_key
    left join names
        on
            records.customer_id = names.customer_id
            and receivers.receiver_name = names.name
    left join named on records.customer_id = named.customer_id
    where names.name is not null or named.customer_id is null

),

phones as (

    select
        customer_id,
        value as phone
    from {{ ref('oneid_map') }}
    where identifier_type = 'phone' and customer_id is not null and valid_to is null
    union all
    select
        customer_id,
        phone
    from receivers

),

told as (

    select
        customer_id,
        'name' as trait,
        name as trait_value
    from names
    union all
    select
        customer_id,
        'name' as trait,
        receiver_name as trait_value
    from receivers
    union all
    select
        records.customer_id,
        'birthday' as trait,
        cast(members.birthday as {{ dbt.type_string() }}) as trait_value
    from members
    inner join records on members.record_key = records.record_key
    where cast(members.birthday as {{ dbt.type_string() }}) not like '%-01-01'
    union all
    select
        records.customer_id,
        'city' as trait,
        members.city as trait_value
    from members
    inner join records on members.record_key = records.record_key
    union all
    select
        customer_id,
        'phone_ends' as trait,
        left(phone, 3) || right(phone, 4) as trait_value
    from phones
    where phone like '1__________' and phone not like '%-%'

),

-- A masked name (张*) and one character say too little.
final as (

    select distinct
        customer_id,
        trait,
        trait_value
    from told
    where
        trait_value is not null
        and trait_value not like '%*%'
        and length(trait_value) > 1

)

select * from final
