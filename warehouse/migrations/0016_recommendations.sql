-- What the models of ml.recommendation leave behind. Rows of one base_date are a
-- partition that is swapped in whole, in the transaction that registers its run.

create table ml.recommendations (
    base_date date not null,
    slot text not null,
    customer_id bigint not null,
    list_position smallint not null check (list_position >= 1),
    product_key bigint not null,
    score double precision not null,
    -- The source that counted most, or the rule that put the item there.
    source text not null,
    run_id bigint not null references ml.model_run (run_id),
    primary key (base_date, slot, customer_id, list_position)
);

create table ml.category_recommendations (
    base_date date not null,
    kind text not null check (kind in ('any', 'new')),
    customer_id bigint not null,
    list_position smallint not null check (list_position >= 1),
    product_category text not null,
    score double precision not null,
    source text not null,
    run_id bigint not null references ml.model_run (run_id),
    primary key (base_date, kind, customer_id, list_position)
);

-- The lists of the newest published run. A reader drops them when their month is over.
create view ml.product_recommendation as
with newest as (
    select run_id
    from ml.model_run
    where model = 'product_recommendation' and is_published and retired_at is null
    order by base_date desc
    limit 1
)

select
    recommendations.customer_id,
    recommendations.slot,
    recommendations.list_position,
    recommendations.product_key,
    recommendations.score,
    recommendations.source,
    recommendations.base_date,
    recommendations.run_id
from ml.recommendations
inner join newest on recommendations.run_id = newest.run_id;

create view ml.category_recommendation as
with newest as (
    select run_id
    from ml.model_run
    where model = 'category_recommendation' and is_published and retired_at is null
    order by base_date desc
    limit 1
)

select
    category_recommendations.customer_id,
    category_recommendations.kind,
    category_recommendations.list_position,
    category_recommendations.product_category,
    category_recommendations.score,
    category_recommendations.source,
    category_recommendations.base_date,
    category_recommendations.run_id
from ml.category_recommendations
inner join newest on category_recommendations.run_id = newest.run_id;
