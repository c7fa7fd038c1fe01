-- Who brought whom: invitations and shares opened, in one shape. One row per
-- invitation, and per share and opener.

with

users as (

    select * from {{ ref('stg_mini_program__members') }}
    where inviter_record_key is not null

),

shares as (

    select * from {{ ref('stg_mini_program__shares') }}

),

events as (

    select * from {{ ref('stg_mini_program__events') }}
    where share_id is not null

),

-- An invitation is told with every version of the user: the first one holds.
invited as (

    select
        *,
        row_number() over (
            partition by record_key order by version_at, inviter_openid
        ) as version_no
    from users

),

-- A share and its openings may be told by the share itself, by events, or by both.
shares_told as (

    select
        share_id,
        share_key as record_key,
        shared_at as occurred_at
    from shares
    union all
    select
        share_id,
        record_key,
        occurred_at
    from events
    where event_type = 'share' and wechat_openid is not null

),

sharers as (

    select
        share_id,
        record_key,
        row_number() over (
            partition by share_id order by occurred_at, record_key
        ) as telling_no
    from shares_told

),

openings_told as (

    select
        share_id,
        record_key,
        channel_code,
        shop_code,
        opener_openid,
        opened_at as occurred_at
    from shares
    where opener_openid is not null
    union all
    select
        share_id,
        record_key,
        channel_code,
        shop_code,
        wechat_openid as opener_openid,
        occurred_at
    from events
    where event_type = 'share_open' and wechat_openid is not null

),

openings as (

    select
        *,
        row_number() over (
            partition by share_id, opener_openid order by occurred_at, record_key
        ) as telling_no
    from openings_told

),

unioned as (

    select
        inviter_record_key as referral_key,
        inviter_record_key,
        record_key as invitee_record_key,
        channel_code,
        shop_code,
        'inviter' as referral_kind,
        cast(null as {{ dbt.type_string() }}) as share_id,
        created_at as occurred_at
    from invited
    where version_no = 1

    union all

    select
        {{ bigint_key(['openings.channel_code', "'opening'", 'openings.share_id',
            'openings.opener_openid']) }} as referral_key,
        sharers.record_key as inviter_record_key,
        openings.record_key as invitee_record_key,
        openings.channel_code,
        openings.shop_code,
        'share_open' as referral_kind,
        openings.share_id,
        openings.occurred_at
    from openings
    inner join sharers
        on openings.share_id = sharers.share_id and sharers.telling_no = 1
    where openings.telling_no = 1

),

final as (

    select
        *,
        {{ local_date('occurred_at') }} as occurred_on
    from unioned

)

select * from final
