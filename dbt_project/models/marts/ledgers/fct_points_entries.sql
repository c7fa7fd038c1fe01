-- What happened to points, but for what follows from it (expiry, debt), which
-- fct_points_ledger adds. One row per entry.

with

earned as (

    select * from {{ ref('fct_points_earned') }}
    where points > 0

),

reversals as (

    select * from {{ ref('fct_points_reversals') }}

),

lots as (

    select * from {{ ref('fct_points_lots') }}

),

openings as (

    select * from {{ ref('fct_points_openings') }}
    where points < 0

),

channel_entries as (

    select * from {{ ref('fct_points') }}
    where
        customer_id is not null
        and (entry_type = 'redeem' or (entry_type = 'return' and points > 0))

),

terms as (

    select * from {{ ref('dim_points_terms') }}
    where entry_kind = 'redeem'

),

final as (

    select
        {{ bigint_key(["'earn'", 'order_key', 'pool_code']) }} as entry_key,
        customer_id,
        pool_code,
        channel_code,
        shop_code,
        'earn' as entry_type,
        paid_on as effective_on,
        points as pending_points,
        cast(0 as bigint) as points,
        order_key,
        cast(null as bigint) as lot_key
    from earned
    union all
    select
        {{ bigint_key(["'lot'", 'lot_key']) }} as entry_key,
        customer_id,
        pool_code,
        channel_code,
        shop_code,
        case lot_type when 'opening' then 'opening' else 'confirm' end as entry_type,
        effective_on,
        case lot_type when 'opening' then 0 else -points end as pending_points,
        points,
        order_key,
        lot_key
    from lots
    union all
    select
        opening_key as entry_key,
        customer_id,
        pool_code,
        channel_code,
        shop_code,
        'opening' as entry_type,
        opens_on as effective_on,
        0 as pending_points,
        points,
        cast(null as bigint) as order_key,
        cast(null as bigint) as lot_key
    from openings
    union all
    -- Points whose life is over are not taken back a second time.
    select
        {{ bigint_key([
            "'reverse'", 'reversals.order_key', 'reversals.pool_code',
            'reversals.happened_on',
        ]) }} as entry_key,
        reversals.customer_id,
        reversals.pool_code,
        reversals.channel_code,
        reversals.shop_code,
        'reverse' as entry_type,
        reversals.happened_on as effective_on,
        case when reversals.is_pending then -reversals.points else 0 end
            as pending_points,
        case when reversals.is_pending then 0 else -reversals.points end as points,
        reversals.order_key,
        lots.lot_key
    from reversals
    left join lots
        on
            reversals.order_key = lots.order_key
            and reversals.pool_code = lots.pool_code
    where reversals.is_pending or reversals.happened_on <= lots.ends_on
    union all
    -- Spending happens in the channels; a cancelled order gives back what paid for it.
    select
        {{ bigint_key(["'spend'", 'channel_entries.points_key']) }} as entry_key,
        channel_entries.customer_id,
        terms.pool_code,
        channel_entries.channel_code,
        channel_entries.shop_code,
        case channel_entries.entry_type when 'redeem' then 'redeem' else 'give_back' end
            as entry_type,
        channel_entries.occurred_on as effective_on,
        0 as pending_points,
        channel_entries.points,
        channel_entries.order_key,
        cast(null as bigint) as lot_key
    from channel_entries
    inner join terms
        on
            channel_entries.shop_code = terms.shop_code
            and channel_entries.occurred_on between terms.valid_from and terms.valid_to

)

select * from final
