-- How a customer can be reached and is known: the only source of phones, e-mails and
-- channel ids for activation. One row per customer, kind, scope, value and role.

with

id_map as not materialized (

    select * from {{ ref('oneid_map') }}
    where customer_id is not null

),

identifiers as (

    select * from {{ ref('int_identity__identifiers') }}

),

claims as (

    select * from {{ ref('int_identity__claims') }}

),

received as (

    select * from {{ ref('int_identity__evidence') }}
    where role = 'receiver'

),

-- Accounts never change hands: their identifier leads to one customer.
accounts as (

    select
        identifier_key as anchor_key,
        customer_id
    from id_map
    where valid_from is null and valid_to is null

),

claim_spans as (

    select
        accounts.customer_id,
        claims.identifier_key,
        min(claims.first_seen_at) as first_seen_at,
        case when count(claims.ended_at) = count(*) then max(claims.ended_at) end
            as ended_at
    from claims
    inner join accounts on claims.anchor_key = accounts.anchor_key
    group by accounts.customer_id, claims.identifier_key

),

held as (

    select
        id_map.customer_id,
        id_map.identifier_type as kind,
        id_map.scope,
        id_map.value,
        'account' as role,
        coalesce(
            claim_spans.first_seen_at, id_map.valid_from, identifiers.first_seen_at
        ) as valid_from,
        least(claim_spans.ended_at, id_map.valid_to) as valid_to
    from id_map
    inner join identifiers on id_map.identifier_key = identifiers.identifier_key
    left join claim_spans
        on
            id_map.customer_id = claim_spans.customer_id
            and id_map.identifier_key = claim_spans.identifier_key
    union all
    select
        accounts.customer_id,
        received.identifier_type as kind,
        received.scope,
        received.value,
        received.role,
        received.first_seen_at as valid_from,
        null as valid_to
    from received
    inner join accounts on received.anchor_key = accounts.anchor_key

),

spans as (

    select
        customer_id,
        kind,
        scope,
        value,
        role,
        {{ local_date('min(valid_from)') }} as valid_from,
        case when count(valid_to) = count(*) then {{ local_date('max(valid_to)') }} end
            as valid_to
    from held
    group by customer_id, kind, scope, value, role

),

final as (

    select
        {{ bigint_key(['customer_id', 'kind', 'scope', 'value', 'role']) }}
            as contact_point_id,
        customer_id,
        kind,
        value,
        scope,
        role,
        valid_from,
        valid_to,
        valid_to is null as is_current,
        -- The number taken up last is the one in use, whatever older accounts still
        -- show.
        role = 'account' and valid_to is null and row_number() over (
            partition by customer_id, kind, scope, role, valid_to is null
            order by valid_from desc, value asc
        ) = 1 as is_primary
    from spans

)

select * from final
