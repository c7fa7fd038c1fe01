-- Who came to other signals than before, and in which round. One row per customer who
-- has or had signals (digest is null when there are none any more).
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='customer_id',
) }}

with

days as (

    select * from {{ ref('int_signals__days') }}

),

digests as (

    select
        customer_id,
        sum({{ row_digest('days') }}) as digest
    from days
    group by customer_id

),

known as (

    select * from {{ rows_so_far({
        'customer_id': 'bigint', 'digest': 'numeric',
    }) }} as so_far

),

final as (

    select
        coalesce(digests.customer_id, known.customer_id) as customer_id,
        digests.digest,
        {{ new_round() }} as due_round
    from digests
    full join known on digests.customer_id = known.customer_id
    where digests.digest is distinct from known.digest

)

select * from final
