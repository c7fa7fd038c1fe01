-- The tree of invitations. One row per person and each person above: who invited him,
-- who invited that one, and so on.

with recursive

links as (

    select * from {{ ref('int_referrals__invitations') }}
    where is_in_tree

),

climbs (
    customer_id,
    above_customer_id,
    step_count,
    invited_on
) as (

    select
        invitee_customer_id,
        inviter_customer_id,
        1,
        invited_on
    from links

    union all

    select
        climbs.customer_id,
        links.inviter_customer_id,
        climbs.step_count + 1,
        climbs.invited_on
    from climbs
    inner join links on climbs.above_customer_id = links.invitee_customer_id

),

final as (

    select
        customer_id,
        above_customer_id,
        step_count,
        invited_on
    from climbs

)

select * from final
