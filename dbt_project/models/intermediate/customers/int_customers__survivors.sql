-- The value of each attribute that survives in the golden record, by the rules of the
-- seed survivorship. One row per customer and attribute that anybody knows.

with

members as (

    select * from {{ ref('int_members__unioned') }}

),

records as (

    select * from {{ ref('oneid_records') }}
    where record_type = 'member' and customer_id is not null

),

rules as (

    select * from {{ ref('survivorship') }}

),

-- 1900-01-01 and its like are what forms are left at, not birthdays.
stated as (

    select
        records.customer_id,
        members.record_key,
        members.channel_code,
        members.version_at,
        values_told.attribute,
        values_told.value
    from members
    inner join records on members.record_key = records.record_key
    cross join
        lateral (
            values
            ('name', members.name),
            ('gender', case when members.gender <> 'unknown' then members.gender end),
            (
                'birthday',
                case
                    when
                        members.birthday not in (
                            date '1900-01-01', date '1970-01-01', date '2000-01-01'
                        )
                        and members.birthday < {{ local_date('members.version_at') }}
                        then cast(members.birthday as {{ dbt.type_string() }})
                end
            ),
            ('baby_birthday', cast(members.baby_birthday as {{ dbt.type_string() }})),
            ('region_code', members.region_code)
        ) as values_told (attribute, value)
    where values_told.value is not null

),

-- What each account says last; an empty field does not take back what was said.
account_values as (

    select
        *,
        row_number() over (
            partition by record_key, attribute order by version_at desc, value asc
        ) as recency
    from stated

),

weighed as (

    select
        account_values.*,
        rules.rule,
        nullif(position(account_values.channel_code in rules.sources), 0)
            as source_rank,
        count(*) over (
            partition by
                account_values.customer_id,
                account_values.attribute,
                account_values.value
        ) as account_count
    from account_values
    inner join rules on account_values.attribute = rules.attribute
    where account_values.recency = 1

),

ranked as (

    select
        *,
        row_number() over (
            partition by customer_id, attribute
            order by
                case when rule = 'source_priority' then source_rank end asc nulls last,
                case when rule = 'most_frequent' then account_count end desc nulls last,
                case when rule = 'latest' then version_at end desc nulls last,
                source_rank asc nulls last,
                version_at desc,
                value asc
        ) as preference
    from weighed

),

final as (

    select
        customer_id,
        attribute,
        value,
        channel_code as source_channel_code
    from ranked
    where preference = 1

)

select * from final
