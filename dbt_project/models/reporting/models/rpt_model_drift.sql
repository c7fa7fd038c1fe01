-- How far what a model reads, and what it says, had moved from its training rows on
-- each base_date. One row per run and feature; `score` is the model's own probability.

with

runs as (

    select * from {{ source('ml', 'model_run') }}
    where retired_at is null

),

final as (

    select
        runs.run_id,
        runs.model,
        runs.base_date,
        runs.is_published,
        drift.feature,
        drift.name_zh,
        drift.psi
    from runs
    cross join lateral jsonb_to_recordset(runs.metrics -> 'drift') as drift (
        feature text,
        name_zh text,
        psi double precision
    )

)

select * from final
