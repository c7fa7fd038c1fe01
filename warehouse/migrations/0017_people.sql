-- What models of people say now (0013_models.sql says why each has a relation).

create view ml.repurchase_30d as
select
    customer_id,
    brand_code,
    score,
    band,
    reasons,
    base_date,
    run_id
from ml.score_current
where model = 'repurchase_30d';

create view ml.purchase_intent as
select
    customer_id,
    score,
    band,
    reasons,
    base_date,
    run_id
from ml.score_current
where model = 'purchase_intent';

-- With the silence that means leaving, as it stood when the score was frozen.
create table ml.churn_horizons (
    base_date date not null,
    customer_id bigint not null,
    churn_horizon_days integer not null,
    run_id bigint not null references ml.model_run (run_id),
    primary key (base_date, customer_id)
);

create view ml.churn as
select
    scores.customer_id,
    scores.score,
    scores.band,
    scores.reasons,
    horizons.churn_horizon_days,
    scores.base_date,
    scores.run_id
from ml.score_current as scores
inner join ml.churn_horizons as horizons
    on
        scores.base_date = horizons.base_date
        and scores.customer_id = horizons.customer_id
where scores.model = 'churn';

create view ml.reactivation as
select
    customer_id,
    brand_code,
    score,
    band,
    reasons,
    base_date,
    run_id
from ml.score_current
where model = 'reactivation';

-- Score ranges of everybody reached: packs of an audience, not bands of a probability.
create table ml.high_potential_packs (
    base_date date not null,
    customer_id bigint not null,
    score double precision not null check (score between 0 and 1),
    pack text not null check (pack ~ '^p([1-9]|10)$'),
    has_bought boolean not null,
    run_id bigint not null references ml.model_run (run_id),
    primary key (base_date, customer_id)
);

create view ml.high_potential as
with newest as (
    select max(base_date) as base_date
    from ml.model_run
    where model = 'high_potential' and is_published and retired_at is null
)

select
    packs.customer_id,
    packs.score,
    packs.pack,
    packs.has_bought,
    packs.base_date,
    packs.run_id
from ml.high_potential_packs as packs
inner join newest on packs.base_date = newest.base_date;

-- Scores come a million rows at a time, all of one run: that the run exists is looked
-- at once per statement. A foreign key asks for every row and cost more than half of the
-- writing (docs/adr/0018-questions-about-people.md). Runs are never deleted.
alter table ml.scores drop constraint scores_run_id_fkey;

create function ml.refuse_scores_without_run() returns trigger
language plpgsql as $$
begin
    if exists (
        select 1
        from written
        left join ml.model_run on written.run_id = model_run.run_id
        where model_run.run_id is null
    ) then
        raise foreign_key_violation using
            message = 'ml.scores: a row names a run that is not in ml.model_run';
    end if;
    return null;
end
$$;

create trigger scores_have_a_run
after insert on ml.scores
referencing new table as written
for each statement execute function ml.refuse_scores_without_run();

create trigger changed_scores_have_a_run
after update on ml.scores
referencing new table as written
for each statement execute function ml.refuse_scores_without_run();
