-- What customers are worth and when they buy next: outputs of ml.cltv and
-- ml.purchase_time. Rows of one base_date are a partition, swapped in whole.

create table ml.cltv_scores (
    base_date date not null,
    customer_id bigint not null,
    p_alive double precision not null check (p_alive between 0 and 1),
    orders_365d double precision not null check (orders_365d >= 0),
    order_value numeric(18, 2) not null,
    value_90d numeric(18, 2) not null,
    value_365d numeric(18, 2) not null,
    orders_tier text not null check (orders_tier in ('high', 'mid', 'low')),
    order_value_tier text not null
    check (order_value_tier in ('high', 'mid', 'low')),
    run_id bigint not null references ml.model_run (run_id),
    primary key (base_date, customer_id)
);

-- by_day[d] is the chance of a purchase on day d after base_date, first or again. Many
-- customers share a curve: a million of them have about ten thousand, or 3 MB.
create table ml.purchase_time_curves (
    base_date date not null,
    curve_no integer not null,
    pace real not null,
    elapsed_days integer not null,
    by_day real [] not null check (cardinality(by_day) = 60),
    run_id bigint not null references ml.model_run (run_id),
    primary key (base_date, curve_no)
);

create table ml.purchase_time_scores (
    base_date date not null,
    customer_id bigint not null,
    curve_no integer not null,
    -- Half the chance of the next purchase is gone by this day; null is beyond 60 days.
    expected_on date,
    probability_7d real not null check (probability_7d between 0 and 1),
    probability_14d real not null check (probability_14d between 0 and 1),
    probability_30d real not null check (probability_30d between 0 and 1),
    run_id bigint not null references ml.model_run (run_id),
    primary key (base_date, customer_id)
);

-- The newest published run of each model.
create view ml.published_run as
select distinct on (model)
    model,
    run_id,
    base_date
from ml.model_run
where is_published and retired_at is null
order by model, base_date desc;

create view ml.cltv as
select
    scores.customer_id,
    scores.p_alive,
    scores.orders_365d,
    scores.order_value,
    scores.value_90d,
    scores.value_365d,
    scores.orders_tier,
    scores.order_value_tier,
    scores.base_date,
    scores.run_id
from ml.cltv_scores as scores
inner join ml.published_run as run
    on scores.run_id = run.run_id and scores.base_date = run.base_date
where run.model = 'cltv';

create view ml.purchase_time as
select
    scores.customer_id,
    scores.expected_on,
    scores.probability_7d,
    scores.probability_14d,
    scores.probability_30d,
    scores.curve_no,
    scores.base_date,
    scores.run_id
from ml.purchase_time_scores as scores
inner join ml.published_run as run
    on scores.run_id = run.run_id and scores.base_date = run.base_date
where run.model = 'purchase_time';

-- The chance that a customer buys on a day: ask for days, `where purchase_on = ...`.
-- Curves are unfolded and filtered before they meet the customers.
create view ml.purchase_day_probability as
select
    scores.customer_id,
    curves.base_date + cast(by_day.days_after as integer) as purchase_on,
    by_day.probability,
    scores.base_date,
    scores.run_id
from ml.purchase_time as scores
inner join ml.purchase_time_curves as curves
    on scores.base_date = curves.base_date and scores.curve_no = curves.curve_no
cross join lateral unnest(curves.by_day)
    with ordinality as by_day (probability, days_after);
