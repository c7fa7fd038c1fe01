-- Who resembles whom, by base_date. A partition is built beside the table and swapped in
-- whole, in the transaction that registers its run; the newest two are kept. It belongs
-- to the run published for its base_date, so rows do not repeat a run_id: at 50
-- neighbours each, 200,000 customers are ten million rows.

create table ml.similar_customers (
    base_date date not null,
    customer_id bigint not null,
    similar_customer_id bigint not null,
    rank smallint not null,
    score real not null
) partition by list (base_date);

-- Asked by the ids of seeds only. Not unique, so that the 50 entries of a customer share
-- one key: a seventh of the size of a primary key.
create index similar_customers_of on ml.similar_customers (customer_id);

-- What the neighbours were found by, and what the trees of an audience read beside the
-- features: a vector of length 1 per customer, the same order of factors for everybody.
create table ml.customer_vectors (
    base_date date not null,
    customer_id bigint not null,
    vector real[] not null
) partition by list (base_date);

create index customer_vectors_of on ml.customer_vectors (customer_id);

-- The newest base_date that is complete: its run is published and in use.
create view ml.lookalike as
select
    base_date,
    customer_id,
    similar_customer_id,
    rank,
    score
from ml.similar_customers
where base_date = (
    select max(base_date) from ml.model_run
    where model = 'lookalike' and is_published and retired_at is null
);

-- Audiences expanded by a ranking that SQL cannot compute (trees), kept by name: who was
-- in them when they were made.
create table ml.lookalike_audiences (
    audience text not null,
    base_date date not null,
    customer_id bigint not null,
    rank int not null,
    score double precision not null,
    primary key (audience, customer_id)
);
