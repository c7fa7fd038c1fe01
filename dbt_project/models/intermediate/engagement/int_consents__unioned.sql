-- Consent changes of all channels in one shape. One row per change.

with

-- Platforms have no consent log: a changed consent between two versions of a member is
-- one.
versions as (

    select
        version_key,
        record_key,
        channel_code,
        shop_code,
        sms_consent,
        version_at
    from {{ ref('stg_tmall__members') }}

    union all

    select
        version_key,
        record_key,
        channel_code,
        shop_code,
        sms_consent,
        version_at
    from {{ ref('stg_douyin__members') }}

    union all

    select
        version_key,
        record_key,
        channel_code,
        shop_code,
        sms_consent,
        version_at
    from {{ ref('stg_xiaohongshu__members') }}

    union all

    select
        version_key,
        record_key,
        channel_code,
        shop_code,
        sms_consent,
        version_at
    from {{ ref('stg_kuaishou__members') }}

),

told as (

    select
        *,
        lag(sms_consent) over (
            partition by record_key
            order by version_at, version_key
        ) as former_sms_consent
    from versions
    where sms_consent is not null

),

unioned as (

    select
        version_key as consent_key,
        record_key,
        channel_code,
        shop_code,
        'sms' as contact_channel,
        'marketing' as purpose,
        case when sms_consent then 'granted' else 'withdrawn' end as status,
        version_at as occurred_at
    from told
    where sms_consent is distinct from former_sms_consent

    union all

    select
        record_key as consent_key,
        record_key,
        channel_code,
        shop_code,
        contact_channel,
        purpose,
        status,
        occurred_at
    from {{ ref('stg_youzan__consents') }}

    union all

    select
        record_key as consent_key,
        record_key,
        channel_code,
        shop_code,
        contact_channel,
        purpose,
        status,
        occurred_at
    from {{ ref('stg_pos__consents') }}

),

final as (

    select
        *,
        {{ local_date('occurred_at') }} as occurred_on
    from unioned

)

select * from final
