-- Referral tags: who came by an invitation, who brings others, and how far it carries.
-- One row per customer.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

invitations as (

    select * from {{ ref('int_referrals__invitations') }}

),

tree as (

    select * from {{ ref('int_referrals__tree') }}

),

invited as (

    select distinct invitee_customer_id as customer_id
    from invitations

),

inviters as (

    select
        inviter_customer_id as customer_id,
        count(*) as invited_count,
        count(*) filter (where has_ordered) as converted_count,
        count(*) filter (where is_new_buyer) as new_buyer_count,
        max(invited_on) as last_invited_on
    from invitations
    group by inviter_customer_id

),

depths as (

    select
        customer_id,
        max(step_count) as step_count
    from tree
    group by customer_id

),

below as (

    select
        above_customer_id as customer_id,
        count(*) as people_count,
        count(*) filter (
            where invited_on <= {{ dbt.dateadd('day', -90, as_of_date()) }}
        ) as earlier_count,
        count(*) filter (
            where invited_on > {{ dbt.dateadd('day', -90, as_of_date()) }}
        ) as newcomer_count_90d
    from tree
    group by above_customer_id

),

share_opens as (

    select
        inviter_customer_id as customer_id,
        count(distinct invitee_customer_id) as opener_count_90d
    from {{ ref('fct_referrals') }}
    where
        referral_kind = 'share_open'
        and inviter_customer_id <> invitee_customer_id
        and occurred_on > {{ dbt.dateadd('day', -90, as_of_date()) }}
    group by inviter_customer_id

),

final as (

    select
        customers.customer_id,
        invited.customer_id is not null as referral_is_invited,
        cast(coalesce(depths.step_count, 0) as bigint) as referral_depth_count,
        coalesce(inviters.invited_count, 0) as referral_invited_count,
        coalesce(inviters.converted_count, 0) as referral_converted_count,
        coalesce(inviters.new_buyer_count, 0) as referral_new_buyer_count,
        inviters.last_invited_on as referral_last_invited_on,
        coalesce(below.people_count, 0) as referral_tree_count,
        -- Newcomers per person who was in the tree: above 1 it grows by itself.
        cast(below.newcomer_count_90d / (1.0 + below.earlier_count) as numeric(9, 4))
            as referral_k_factor_90d,
        coalesce(share_opens.opener_count_90d, 0) as referral_share_opener_count_90d
    from customers
    left join invited on customers.customer_id = invited.customer_id
    left join inviters on customers.customer_id = inviters.customer_id
    left join depths on customers.customer_id = depths.customer_id
    left join below on customers.customer_id = below.customer_id
    left join share_opens on customers.customer_id = share_opens.customer_id

)

select * from final
