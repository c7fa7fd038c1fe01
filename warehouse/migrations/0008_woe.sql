-- Weight of evidence of binned features, fitted by ml.woe and read back by the tag family
-- `woe`. Bins of one base_date are a partition, swapped in whole; all days are kept.
create table ml.woe_bins (
    base_date date not null,
    brand_code text not null,
    feature text not null,
    bin_no integer not null,
    -- from_value <= value < to_value; null is open. The bin of missing values has neither.
    from_value double precision,
    to_value double precision,
    is_missing boolean not null,
    row_count bigint not null,
    positive_count bigint not null,
    woe double precision not null,
    information_value double precision not null,
    code_version text not null,
    fitted_at timestamptz not null,
    primary key (base_date, brand_code, feature, bin_no)
);
