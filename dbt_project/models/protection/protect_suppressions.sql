-- Who may not be sent, and why: what every plan subtracts. One row per customer and
-- reason; nulls as in protect_rules. precedence: which of several reasons is given.

with

rules as (

    select * from {{ ref('protect_rules') }}
    union all
    select
        customer_id,
        sync,
        cast(null as text) as contact_channel,
        cast(null as text) as legal_entity,
        cast(null as text) as brand_code,
        'marketing' as purpose,
        'higher_priority_audience' as reason
    from {{ ref('protect_collisions') }}

),

reasons as (

    select * from {{ ref('suppression_reasons') }}

),

final as (

    select
        rules.customer_id,
        rules.sync,
        rules.contact_channel,
        rules.legal_entity,
        rules.brand_code,
        rules.purpose,
        rules.reason,
        reasons.precedence
    from rules
    left join reasons on rules.reason = reasons.reason

)

select * from final
