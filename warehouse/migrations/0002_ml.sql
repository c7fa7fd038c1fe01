-- What models leave behind: the registry of runs, their artefacts, and the scores that
-- dbt reads back as tags. Scores of one model and base_date are a partition: it is
-- swapped in whole, in the transaction that registers its run.

create schema if not exists ml;

-- Trees as LightGBM text, settings as JSON, pictures as PNG; never a pickle. They live
-- beside the run, not in a folder, so that one commit and one backup hold both.
create table ml.artefacts (
    artefact_path text not null,
    name text not null,
    media_type text not null,
    content bytea not null,
    primary key (artefact_path, name)
);

create table ml.model_run (
    run_id bigint generated always as identity primary key,
    model text not null,
    base_date date not null,
    inputs_sha256 text not null,
    code_version text not null,
    window_from date,
    window_to date,
    row_counts jsonb not null default '{}',
    parameters jsonb not null,
    metrics jsonb not null default '{}',
    baseline_metrics jsonb not null default '{}',
    is_published boolean not null,
    verdict text not null,
    artefact_path text,
    started_at timestamptz not null,
    finished_at timestamptz not null,
    -- A published run is retired when its base_date is scored anew on request.
    retired_at timestamptz
);

create unique index model_run_one_published
on ml.model_run (model, base_date) where is_published and retired_at is null;

-- The same inputs and code are one run; parameters are part of the inputs' digest.
create unique index model_run_same_inputs
on ml.model_run (model, base_date, inputs_sha256, code_version)
where retired_at is null;

create table ml.scores (
    model text not null,
    base_date date not null,
    brand_code text not null,
    customer_id bigint not null,
    score double precision not null check (score between 0 and 1),
    band text not null check (band in ('high', 'mid', 'low', 'none')),
    reasons jsonb,
    run_id bigint not null references ml.model_run (run_id),
    primary key (model, base_date, brand_code, customer_id)
);

-- Published scores and the days they hold: from base_date until the next publication
-- (valid_to is that base_date, null for the newest). As of day D:
-- where valid_from <= D and (valid_to is null or valid_to > D).
create view ml.score_history as
with published as (
    select
        run_id,
        base_date as valid_from,
        lead(base_date) over (partition by model order by base_date) as valid_to
    from ml.model_run
    where is_published and retired_at is null
)

select
    scores.model,
    scores.customer_id,
    scores.brand_code,
    scores.score,
    scores.band,
    scores.reasons,
    scores.base_date,
    published.valid_from,
    published.valid_to,
    scores.run_id
from ml.scores as scores
inner join published on scores.run_id = published.run_id;

-- The latest published scores of each model. A reader decides how old is too old: a
-- monthly model's scores speak of the month after base_date and mean nothing later.
create view ml.score_current as
select
    model,
    customer_id,
    brand_code,
    score,
    band,
    reasons,
    base_date,
    run_id
from ml.score_history
where valid_to is null;
