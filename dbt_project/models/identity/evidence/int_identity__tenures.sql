-- Who-held-it-when of every identifier free to link. One row per identifier and tenure.
--
-- A phone changes hands: once an account that claims it has moved to another phone, an
-- account that first shows up with it later is a new owner and opens a new tenure. What
-- never changes hands has one tenure without bounds.

with recursive

claims as not materialized (

    select * from {{ ref('int_identity__claims') }}

),

free_identifiers as (

    select * from {{ ref('int_identity__identifiers') }}
    where blocked_reason is null

),

tenures as (

    select
        free_identifiers.identifier_key,
        1 as tenure_no,
        min(claims.ended_at) as vacated_at
    from free_identifiers
    left join claims on free_identifiers.identifier_key = claims.identifier_key
    group by free_identifiers.identifier_key
    union all
    select
        tenures.identifier_key,
        tenures.tenure_no + 1 as tenure_no,
        later_claims.vacated_at
    from tenures
    cross join
        lateral (
            select
                count(*) as claim_count,
                min(claims.ended_at) as vacated_at
            from claims
            where
                tenures.identifier_key = claims.identifier_key
                and tenures.vacated_at <= claims.first_seen_at
        ) as later_claims
    where tenures.vacated_at is not null and later_claims.claim_count > 0

),

-- Between two holders the number is the next one's: its bearer has said to have moved.
final as (

    select
        identifier_key,
        tenure_no,
        lag(vacated_at) over (
            partition by identifier_key order by tenure_no
        ) as valid_from,
        case
            when tenure_no < max(tenure_no) over (partition by identifier_key)
                then vacated_at
        end as valid_to
    from tenures

)

select * from final
