-- Whom of the staff customers have, or had, as friends in WeCom. One row per customer
-- who ever had one.

with

contacts as (

    select * from {{ ref('fct_guide_contacts') }}
    where customer_id is not null

),

qr_uses as (

    select * from {{ ref('wecom_qr_uses') }}

),

ranked as (

    select
        contacts.customer_id,
        contacts.staff_code,
        contacts.added_on,
        contacts.deleted_on,
        contacts.deleted_by,
        contacts.is_current,
        case
            when contacts.qr_state is null then 'direct'
            else coalesce(qr_uses.added_way, 'other_qr')
        end as added_way,
        -- Without a moment it began before the first export, and so first.
        row_number() over (
            partition by contacts.customer_id
            order by
                contacts.added_at asc nulls first,
                contacts.guide_contact_key asc
        ) as span_number,
        row_number() over (
            partition by contacts.customer_id
            order by
                contacts.is_current desc,
                contacts.added_at desc nulls last,
                contacts.guide_contact_key asc
        ) as friend_number
    from contacts
    left join qr_uses on contacts.qr_code_name = qr_uses.qr_code_name

),

final as (

    select
        customer_id,
        bool_or(is_current) as is_friend,
        count(distinct staff_code) filter (where is_current) as friend_count,
        min(added_on) as first_added_on,
        max(added_on) as last_added_on,
        min(added_on) filter (where is_current) as friend_since_on,
        max(deleted_on) as last_deleted_on,
        bool_or(coalesce(deleted_by = 'contact', false)) as is_deleted_by_customer,
        max(added_way) filter (where span_number = 1) as first_added_way,
        -- Of several friends the one who came last is the one to write.
        max(staff_code) filter (where is_current and friend_number = 1)
            as friend_staff_code
    from ranked
    group by customer_id

)

select * from final
