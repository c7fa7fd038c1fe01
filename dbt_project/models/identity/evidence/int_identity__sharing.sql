-- How many accounts of one programme share an identifier: ever, in a week, in a year.
-- One row per identifier that an account has shown in its linking role.
{{ config(materialized='view') }}

with

evidence as (

    select * from {{ ref('int_identity__evidence') }}

),

types as (

    select * from {{ ref('oneid_identifier_types') }}

),

accounts as (

    select
        evidence.identifier_key,
        evidence.anchor_type,
        evidence.anchor_scope,
        evidence.anchor_key,
        types.max_accounts_per_week,
        types.max_accounts_per_year,
        min(evidence.first_seen_at) as first_seen_at
    from evidence
    inner join types
        on
            evidence.identifier_type = types.identifier_type
            and evidence.role = types.linking_role
    inner join types as anchor_types
        on evidence.anchor_type = anchor_types.identifier_type
    where anchor_types.is_account and evidence.anchor_key <> evidence.identifier_key
    group by
        evidence.identifier_key,
        evidence.anchor_type,
        evidence.anchor_scope,
        evidence.anchor_key,
        types.max_accounts_per_week,
        types.max_accounts_per_year

),

-- With a limit of two, the third account must not follow the first within the span.
arrivals as (

    select
        identifier_key,
        count(*) over (
            partition by identifier_key, anchor_type, anchor_scope
        ) as account_count,
        {{ dbt.dateadd('day', -7, 'first_seen_at') }}
        < lag(first_seen_at, max_accounts_per_week) over programmes as is_over_week,
        {{ dbt.dateadd('day', -365, 'first_seen_at') }}
        < lag(first_seen_at, max_accounts_per_year) over programmes as is_over_year
    from accounts
    window programmes as (
        partition by identifier_key, anchor_type, anchor_scope
        order by first_seen_at asc, anchor_key asc
    )

),

final as (

    select
        identifier_key,
        max(account_count) as account_count,
        coalesce(bool_or(is_over_week), false) as is_over_weekly_limit,
        coalesce(bool_or(is_over_year), false) as is_over_yearly_limit
    from arrivals
    group by identifier_key

)

select * from final
