-- Who invited whom, and what became of the invited. One row per inviter and invited
-- person. Two accounts of one person are one person: nobody invites himself.

with

referrals as (

    select * from {{ ref('fct_referrals') }}
    where
        referral_kind = 'inviter'
        and inviter_customer_id <> invitee_customer_id

),

invitations as (

    select
        inviter_customer_id,
        invitee_customer_id,
        min(occurred_at) as invited_at,
        min(occurred_on) as invited_on
    from referrals
    group by inviter_customer_id, invitee_customer_id

),

inviters as (

    select
        inviter_customer_id,
        min(invited_at) as first_invited_at
    from invitations
    group by inviter_customer_id

),

first_orders as (

    select
        customer_id,
        min(paid_at) as first_paid_at
    from {{ ref('int_purchases__orders') }}
    group by customer_id

),

final as (

    select
        invitations.inviter_customer_id,
        invitations.invitee_customer_id,
        invitations.invited_at,
        invitations.invited_on,
        first_orders.first_paid_at is not null as has_ordered,
        -- An old customer of another channel who is invited has not come by it.
        coalesce(first_orders.first_paid_at >= invitations.invited_at, false)
            as is_new_buyer,
        -- People have one inviter, the first; and who has invited others by then was
        -- there already. So the tree has no rings.
        row_number() over (
            partition by invitations.invitee_customer_id
            order by invitations.invited_at, invitations.inviter_customer_id
        ) = 1
        and (
            inviters.first_invited_at is null
            or inviters.first_invited_at > invitations.invited_at
        ) as is_in_tree
    from invitations
    left join inviters
        on invitations.invitee_customer_id = inviters.inviter_customer_id
    left join first_orders
        on invitations.invitee_customer_id = first_orders.customer_id

)

select * from final
