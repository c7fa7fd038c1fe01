-- Each model has a relation of its own name in the schema ml: what it says now. dbt
-- reads it as a source, so that the way from a model to its tags can be seen.

create view ml.repurchase as
select
    customer_id,
    brand_code,
    score,
    band,
    reasons,
    base_date,
    run_id
from ml.score_current
where model = 'repurchase';
