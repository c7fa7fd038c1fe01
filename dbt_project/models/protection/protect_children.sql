-- Whose data may not be sent for want of a consent for children's data (儿童个人信息):
-- who is under 14, and whoever's child a sync would tell of. One row per customer,
-- company and channel, of one sync or (null) of all.

with

agreed as (

    select distinct on (customer_id, legal_entity, contact_channel)
        customer_id,
        legal_entity,
        contact_channel,
        status
    from {{ ref('fct_consents') }}
    where purpose = 'child_data' and occurred_on <= {{ as_of_date() }}
    order by
        customer_id asc,
        legal_entity asc,
        contact_channel asc,
        occurred_at desc,
        status desc

),

-- Every company may send on every channel: nothing is taken for agreed.
senders as (

    select distinct
        shops.legal_entity,
        channels.contact_channel
    from {{ ref('dim_shops') }} as shops
    cross join {{ ref('touch_channels') }} as channels

),

children as (

    select
        cast(null as text) as sync,
        customers.customer_id,
        senders.legal_entity,
        senders.contact_channel
    from {{ ref('dim_customers') }} as customers
    cross join senders
    where customers.birthday > {{ as_of_date() }} - interval '14 years'

),

-- Which syncs send a tag that tells of a child.
telling as (

    select distinct
        syncs.name as sync,
        syncs.spec ->> 'segment' as segment_code,
        syncs.spec -> 'consent' ->> 'legal_entity' as legal_entity,
        syncs.spec -> 'consent' ->> 'channel' as contact_channel
    from {{ source('activation', 'syncs') }} as syncs
    cross join jsonb_each(syncs.spec -> 'map') as mapped (field_name, content)
    inner join {{ ref('child_data_columns') }} as telling_columns
        on mapped.content ->> 'from' = 'tags.' || telling_columns.tag_column

),

told_of as (

    select
        telling.sync,
        members.customer_id,
        telling.legal_entity,
        telling.contact_channel
    from telling
    inner join {{ ref('segment_members') }} as members
        on telling.segment_code = members.segment_code

),

final as (

    select concerned.*
    from (
        select * from children
        union all
        select * from told_of
    ) as concerned
    left join agreed
        on
            concerned.customer_id = agreed.customer_id
            and concerned.legal_entity = agreed.legal_entity
            and concerned.contact_channel = agreed.contact_channel
            and agreed.status = 'granted'
    where agreed.customer_id is null

)

select * from final
