-- What customers are known and reached by. One row per customer with any contact point.

with

contact_points as (

    select
        contacts.customer_id,
        contacts.kind,
        contacts.scope,
        contacts.value,
        contacts.role,
        contacts.valid_from,
        contacts.is_current,
        kinds.is_account,
        -- An openid says by its shop which channel it is of.
        coalesce(kinds.channel_code, shops.channel_code) as channel_code
    from {{ ref('dim_contact_points') }} as contacts
    inner join {{ ref('contact_kinds') }} as kinds
        on contacts.kind = kinds.contact_kind
    left join {{ ref('dim_shops') }} as shops on contacts.scope = shops.shop_code

),

-- Parcels sent to oneself name the own phone as a receiver's, too.
known as (

    select
        customer_id,
        kind,
        scope,
        value,
        channel_code,
        bool_or(is_account) as is_account,
        bool_or(role = 'account' and is_current) as is_in_use,
        bool_or(role = 'account' and not is_current) as was_in_use,
        bool_or(role = 'account') as is_own,
        min(valid_from) as valid_from
    from contact_points
    group by customer_id, kind, scope, value, channel_code

),

counted as (

    select
        customer_id,
        bool_or(is_in_use and kind = 'phone') as has_phone,
        bool_or(is_in_use and kind = 'email') as has_email,
        bool_or(is_in_use and kind = 'wechat_unionid') as has_unionid,
        bool_or(is_in_use and kind = 'wecom_external_userid') as has_wecom_id,
        bool_or(is_in_use and kind = 'tmall_ouid') as has_tmall_id,
        count(*) filter (where is_in_use) as identifier_count,
        count(*) filter (where is_in_use and is_account) as account_count,
        bool_or(was_in_use and not is_in_use and kind = 'phone') as has_former_phone,
        count(*) filter (where not is_own and kind = 'phone') as receiver_count,
        count(*) filter (
            where
            not is_own
            and kind = 'phone'
            and valid_from > {{ dbt.dateadd('day', -365, as_of_date()) }}
        ) as receiver_count_365d
    from known
    group by customer_id

),

channels as (

    select
        customer_id,
        channel_code,
        min(valid_from) as known_from
    from known
    where
        is_in_use
        and channel_code is not null
    group by customer_id, channel_code

),

channel_summary as (

    select
        customer_id,
        count(*) as channel_count,
        min(known_from) as first_known_on,
        max(known_from) as last_new_channel_on
    from channels
    group by customer_id

),

final as (

    select
        counted.*,
        coalesce(channel_summary.channel_count, 0) as channel_count,
        -- The first channel is how the customer came, not one that was found to be his.
        case
            when
                channel_summary.last_new_channel_on > channel_summary.first_known_on
                then channel_summary.last_new_channel_on
        end as last_new_channel_on
    from counted
    left join channel_summary on counted.customer_id = channel_summary.customer_id

)

select * from final
