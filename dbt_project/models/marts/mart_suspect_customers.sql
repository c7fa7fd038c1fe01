-- Customers that may be several people, and how much speaks for it. One row per
-- customer with a sign of the seed oneid_suspicions.

with

id_map as not materialized (

    select * from {{ ref('oneid_map') }}
    where customer_id is not null

),

members as (

    select
        records.customer_id,
        members.birthday,
        members.gender
    from {{ ref('int_members__unioned') }} as members
    inner join {{ ref('oneid_records') }} as records
        on members.record_key = records.record_key
    where members.is_current and records.customer_id is not null

),

weights as (

    select * from {{ ref('oneid_suspicions') }}

),

accounts as (

    select * from {{ ref('oneid_identifier_types') }}
    where is_account

),

identifiers as (

    select
        customer_id,
        count(*) as identifier_count,
        count(*) filter (
            where identifier_type = 'phone' and valid_to is null
        ) as phone_count
    from id_map
    group by customer_id

),

programmes as (

    select
        id_map.customer_id,
        count(distinct id_map.value) as account_count
    from id_map
    inner join accounts on id_map.identifier_type = accounts.identifier_type
    group by id_map.customer_id, id_map.identifier_type, id_map.scope

),

said as (

    select
        customer_id,
        count(distinct birthday) as birthday_count,
        count(distinct gender) as gender_count
    from members
    group by customer_id

),

signs as (

    select
        customer_id,
        'two_birthdays' as sign,
        birthday_count as measured
    from said
    union all
    select
        customer_id,
        'two_genders' as sign,
        gender_count as measured
    from said
    union all
    select
        customer_id,
        'many_phones' as sign,
        phone_count as measured
    from identifiers
    union all
    select
        customer_id,
        'many_accounts' as sign,
        max(account_count) as measured
    from programmes
    group by customer_id
    union all
    select
        customer_id,
        'many_identifiers' as sign,
        identifier_count as measured
    from identifiers

),

final as (

    select
        signs.customer_id,
        cast(sum(weights.weight * (signs.measured - weights.at_least + 1)) as integer)
            as suspicion,
        {{ text_list("weights.sign || '=' || signs.measured") }} as signs,
        cast(max(identifiers.identifier_count) as integer) as identifier_count,
        cast(max(identifiers.phone_count) as integer) as phone_count
    from signs
    inner join weights
        on signs.sign = weights.sign and signs.measured >= weights.at_least
    left join identifiers on signs.customer_id = identifiers.customer_id
    group by signs.customer_id

)

select * from final
