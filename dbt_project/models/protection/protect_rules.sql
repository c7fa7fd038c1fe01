-- Every rule that keeps a customer from being sent, but collisions of syncs. One row
-- per customer and reason; a null in sync, contact_channel, legal_entity, brand_code or
-- purpose means all of them. Another rule is another part of this union, and a reason
-- in the seed suppression_reasons.

with

opted_out as (

    select
        customer_id,
        cast(null as text) as sync,
        contact_channel,
        legal_entity,
        cast(null as text) as brand_code,
        'marketing' as purpose,
        'opted_out' as reason
    from {{ ref('protect_opt_outs') }}

),

no_child_consent as (

    select
        customer_id,
        sync,
        contact_channel,
        legal_entity,
        cast(null as text) as brand_code,
        cast(null as text) as purpose,
        'no_child_consent' as reason
    from {{ ref('protect_children') }}

),

marketing_suppressed as (

    select
        customer_id,
        cast(null as text) as sync,
        cast(null as text) as contact_channel,
        cast(null as text) as legal_entity,
        cast(null as text) as brand_code,
        'marketing' as purpose,
        'marketing_suppressed' as reason
    from {{ ref('segment_members') }}
    where segment_code = 'seg_marketing_suppressed'

),

universal_holdout as (

    select
        customer_id,
        cast(null as text) as sync,
        cast(null as text) as contact_channel,
        cast(null as text) as legal_entity,
        cast(null as text) as brand_code,
        'marketing' as purpose,
        'universal_holdout' as reason
    from {{ ref('protect_holdout') }}

),

capped as (

    select
        customer_id,
        cast(null as text) as sync,
        contact_channel,
        cast(null as text) as legal_entity,
        brand_code,
        'marketing' as purpose,
        reason
    from {{ ref('protect_caps') }}

),

final as (

    select * from opted_out
    union all
    select * from no_child_consent
    union all
    select * from marketing_suppressed
    union all
    select * from universal_holdout
    union all
    select * from capped

)

select * from final
