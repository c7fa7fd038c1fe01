"""Features see nothing after their base_date, and say what a naive reading says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ml.churn import CHURN
from ml.high_potential import HIGH_POTENTIAL
from ml.purchase_intent import PURCHASE_INTENT
from ml.reactivation import REACTIVATION
from ml.repurchase import REPURCHASE
from ml.repurchase_30d import REPURCHASE_30D
from ml.supervised import Supervised
from tests.integration import feature_lookalike, feature_recommendation
from tests.integration.feature_project import FeatureProject
from tests.integration.feature_world import (
    CUT,
    EMPLOYEE,
    END,
    KEYS,
    MONTH,
    RULES,
    Built,
    invented_marts,
    known_by,
)


@pytest.fixture(scope="module")
def built(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Built:
    project = FeatureProject(tmp_path_factory.mktemp("features"))
    marts = invented_marts()
    project.land(known_by(marts, CUT))
    before = project.build(f"{CUT:%Y-%m-%d}")
    project.land(marts)
    # The earlier day once more, with the later rows there.
    again = project.build(f"{CUT:%Y-%m-%d}")
    after = project.build(f"{END:%Y-%m-%d}")
    lines = marts["fct_order_lines"]
    lines = lines[lines["is_valid_line"] & (lines["customer_id"] != EMPLOYEE)]
    return Built(before, again, after, lines, marts)


def test_later_rows_change_no_feature_row_of_an_earlier_origin(built: Built) -> None:
    for name in (
        "feat_customer_brand",
        "feat_customer",
        "feat_engagement",
        "feat_customer_orders",
        "feat_customer_rhythm",
        "feat_reached",
        "feat_buyer",
        "feat_churn",
        "feat_sleeper",
        "feat_high_potential",
    ):
        keys = [key for key in KEYS if key in built.before[name]]
        before = built.before[name].sort_values(keys, ignore_index=True)
        after = built.after[name]
        after = after[after["base_date"] <= CUT].sort_values(keys, ignore_index=True)
        assert len(before) > 100
        assert set(before["base_date"]) == set(after["base_date"])
        pd.testing.assert_frame_equal(before, after, check_dtype=False)


def test_lookalike_sees_the_year_up_to_the_scoring_day(built: Built) -> None:
    feature_lookalike.later_rows_change_nothing(built)
    feature_lookalike.a_naive_reading_says_the_same(built)


def test_origins_are_month_ends_with_a_quarter_of_history(built: Built) -> None:
    dates = built.after["feat_base_dates"].sort_values("base_date")
    assert dates["base_date"].dt.strftime("%m-%d").tolist() == [
        "04-30", "05-31", "06-30", "07-31", "08-31", "09-30",
    ]  # fmt: skip
    assert dates["is_scoring"].tolist() == [False] * 5 + [True]
    assert (dates["history_days"] >= 90).all()
    assert (dates["label_to"] == dates["label_from"] + pd.offsets.MonthEnd(0)).all()


def test_features_say_what_a_naive_reading_says(built: Built) -> None:
    features = built.after["feat_customer_brand"].set_index(KEYS).sort_index()
    for origin in built.after["feat_base_dates"]["base_date"]:
        past = built.lines[built.lines["paid_on"] <= origin]
        for (customer, brand), own in past.groupby(["customer_id", "brand_code"]):
            row = features.loc[(origin, customer, brand)]
            days = sorted(own["paid_on"].unique())
            ago = (origin - own["paid_on"]).dt.days
            everything = past[past["customer_id"] == customer]
            assert row["days_since_last_purchase"] == ago.min()
            assert row["days_since_first_purchase"] == ago.max()
            assert row["purchase_days"] == len(days)
            assert row["purchase_days_30d"] == own[ago < 30]["paid_on"].nunique()
            assert row["purchase_days_180d"] == own[ago < 180]["paid_on"].nunique()
            assert row["purchase_months_365d"] == len({day.month for day in days})
            assert row["goods_amount_90d"] == pytest.approx(
                own[ago < 90]["goods_amount"].sum()
            )
            if len(days) > 1:
                assert row["gap_days_mean"] == pytest.approx(
                    (days[-1] - days[0]).days / (len(days) - 1), abs=1e-3
                )
            assert row["brand_day_share"] == pytest.approx(
                len(days) / everything["paid_on"].nunique()
            )
            assert row["online_line_rate_180d"] == pytest.approx(
                (own[ago < 180]["channel_code"] != "pos").mean(), nan_ok=True
            )
    assert len(features) == sum(
        len(
            built.lines[built.lines["paid_on"] <= origin][
                ["customer_id", "brand_code"]
            ].drop_duplicates()
        )
        for origin in built.after["feat_base_dates"]["base_date"]
    )


def test_recommendation_reads_what_was_bought_until_the_cut(built: Built) -> None:
    feature_recommendation.purchases_are_what_happened_until_the_cut(built)
    feature_recommendation.price_bands_are_fifths_of_a_category(built)


def test_labels_are_complete_months_only(built: Built) -> None:
    labels = built.after["label_repurchase"]
    dates = built.after["feat_base_dates"].set_index("base_date")
    assert set(labels["base_date"]) == set(dates.index[~dates["is_scoring"]])
    for row in labels.itertuples():
        month = dates.loc[row.base_date]
        bought = built.lines[
            (built.lines["customer_id"] == row.customer_id)
            & (built.lines["brand_code"] == row.brand_code)
            & built.lines["paid_on"].between(month["label_from"], month["label_to"])
        ]
        assert row.is_repurchased == (len(bought) > 0)
    # Every past buyer of a labelled origin has a label.
    features = built.after["feat_customer_brand"]
    assert len(labels) == features["base_date"].isin(labels["base_date"]).sum()


def test_rhythm_says_what_a_naive_reading_says(built: Built) -> None:
    keys = ["base_date", "customer_id"]
    rhythm = built.after["feat_customer_orders"].set_index(keys).sort_index()
    seen = 0
    for origin in built.after["feat_base_dates"]["base_date"]:
        past = built.lines[built.lines["paid_on"] <= origin]
        for customer, own in past.groupby("customer_id"):
            row = rhythm.loc[(origin, customer)]
            days = own.groupby("paid_on")["goods_amount"].sum()
            ago = (origin - days.index).days
            gaps = np.diff(days.index).astype("timedelta64[D]").astype(float)
            assert row["purchase_days"] == len(days)
            assert row["days_since_first_purchase"] == ago.max()
            assert row["days_since_last_purchase"] == ago.min()
            assert row["purchase_days_14d"] == (ago < 14).sum()
            assert row["goods_amount_180d"] == pytest.approx(days[ago < 180].sum())
            assert row["repeat_amount"] == pytest.approx(days.iloc[1:].sum())
            if len(gaps):
                assert row["gap_days_median"] == np.median(gaps)
                assert row["gap_days_mean"] == pytest.approx(gaps.mean(), abs=1e-3)
            seen += 1
    assert len(rhythm) == seen


def test_labels_of_value_and_of_the_next_purchases_are_the_days_after(
    built: Built,
) -> None:
    value = built.after["label_value"]
    assert set(value["base_date"]) == {
        origin
        for origin in built.after["feat_base_dates"]["base_date"]
        if origin + pd.Timedelta(days=90) <= END
    }
    for row in value.itertuples():
        own = built.lines[built.lines["customer_id"] == row.customer_id]
        after = (own["paid_on"] - row.base_date).dt.days
        for days in (30, 60, 90):
            inside = own[(after > 0) & (after <= days)]
            assert getattr(row, f"orders_{days}d") == inside["paid_on"].nunique()
            assert getattr(row, f"amount_{days}d") == pytest.approx(
                inside["goods_amount"].sum()
            )
    times = built.after["label_next_purchases"]
    for row in times.itertuples():
        own = built.lines[built.lines["customer_id"] == row.customer_id]
        after = set((own["paid_on"] - row.base_date).dt.days)
        bought = {day for day in range(1, 61) if row.bought_days >> (day - 1) & 1}
        assert row.observed_days == min(60, (END - row.base_date).days)
        assert bought == {day for day in after if 0 < day <= row.observed_days}
    # Every past buyer of an earlier origin has one.
    rhythm = built.after["feat_customer_orders"]
    is_earlier = rhythm["base_date"] < rhythm["base_date"].max()
    assert len(times) == is_earlier.sum()


def test_employees_are_no_customers_to_learn_from(built: Built) -> None:
    assert EMPLOYEE not in set(built.after["feat_customer_brand"]["customer_id"])
    assert EMPLOYEE not in set(built.after["label_repurchase"]["customer_id"])


def test_profile_counts_from_the_day_of_joining(built: Built) -> None:
    customers = built.after["feat_customer"]
    assert (
        customers.loc[~customers["is_member"], ["gender", "age_years"]]
        .isna()
        .all(axis=None)
    )
    joined = customers[customers["is_member"]]
    assert set(joined["age_years"]) == {32}
    # The same people, not yet members at an earlier origin.
    assert set(joined["customer_id"]) & set(
        customers.loc[~customers["is_member"], "customer_id"]
    )


def test_a_label_once_known_stays(built: Built) -> None:
    for name in ("label_purchase", "label_repurchase_30d", "label_churn",
                 "label_reactivation"):  # fmt: skip
        keys = [key for key in KEYS if key in built.before[name]]
        before = built.before[name].sort_values(keys, ignore_index=True)
        after = built.after[name].merge(before[keys], on=keys)
        assert len(before) > 10
        pd.testing.assert_frame_equal(
            before, after.sort_values(keys, ignore_index=True), check_dtype=False
        )


def test_rhythm_is_what_a_naive_reading_says(built: Built) -> None:
    rows = built.after["feat_buyer"]
    for row in rows.sample(80, random_state=1).itertuples():
        days = built.own_days(row.customer_id)
        days = days[days <= row.base_date]
        ago = (row.base_date - days).dt.days
        gaps = days.diff().dt.days.dropna()
        lines = built.lines[built.lines["customer_id"] == row.customer_id]
        recent = lines[
            (lines["paid_on"] <= row.base_date)
            & (lines["paid_on"] > row.base_date - pd.Timedelta(days=90))
        ]
        assert row.purchase_days_7d == (ago < 7).sum()
        assert row.purchase_days_60d == (ago < 60).sum()
        assert row.gap_count == len(gaps)
        assert row.gap_days_max == gaps.max()
        assert row.log_gap_mean == pytest.approx(np.log(gaps).mean(), abs=1e-5)
        assert row.log_gap_variance == pytest.approx(np.log(gaps).var(ddof=0), abs=1e-5)
        assert row.category_count_90d == recent["category"].nunique()
        assert row.line_count_90d == len(recent)


def test_everybody_reached_is_there_bought_or_not(built: Built) -> None:
    reached = built.after["feat_reached"].set_index(["base_date", "customer_id"])
    facts = [
        frame.rename(columns={day: "day"})[["customer_id", "day"]]
        for name, frame in built.marts.items()
        for day in frame
        if name.startswith("fct_") and str(day).endswith("_on")
        if name not in ("fct_order_lines", "fct_touches")
    ]
    touches = built.marts["fct_touches"]
    sent = touches[touches["status"] == "delivered"]
    clicked = touches.dropna(subset="clicked_at")
    facts += [
        built.lines.rename(columns={"paid_on": "day"})[["customer_id", "day"]],
        sent.rename(columns={"sent_on": "day"})[["customer_id", "day"]],
        clicked[["customer_id"]].assign(day=clicked["clicked_at"].dt.tz_localize(None)),
    ]
    first = pd.concat(facts).groupby("customer_id")["day"].min().drop(EMPLOYEE)
    for origin in built.after["feat_base_dates"]["base_date"]:
        assert set(reached.loc[origin].index) == set(first[first <= origin].index)
    never = reached[~reached["has_bought"]]
    assert len(never) > 30
    assert (never["goods_amount_365d"] == 0).all()
    assert never["days_since_last_purchase"].isna().all()
    assert (never["days_since_first_sign"] >= never["days_since_last_sign"]).all()
    views = built.marts["fct_events"]
    views = views[views["event_type"].isin(["page_view", "search"])]
    for (origin, customer), row in reached.sample(60, random_state=2).iterrows():
        ago = (
            origin - views.loc[views["customer_id"] == customer, "occurred_on"]
        ).dt.days
        assert row["view_count_90d"] == ago.between(0, 89).sum()


def test_churn_horizons_lean_on_everybody_and_labels_wait_for_them(
    built: Built,
) -> None:
    rule = RULES["churn_rules"].iloc[0]
    buyers = built.after["feat_buyer"]
    found = built.after["feat_churn"].set_index(["base_date", "customer_id"])
    labels = built.after["label_churn"].set_index(["base_date", "customer_id"])
    assert set(labels["is_churned"]) == {True, False}
    for origin, everybody in buyers.groupby("base_date"):
        gaps = {
            customer: np.log(days[days <= origin].diff().dt.days.dropna())
            for customer in everybody["customer_id"]
            if len(days := built.own_days(customer))
        }
        pooled = np.concatenate(list(gaps.values()))
        lean = rule["lean_gaps"]
        for row in everybody.itertuples():
            own = gaps[row.customer_id]
            weight = len(own) + lean
            mean = (own.sum() + lean * pooled.mean()) / weight
            variance = (len(own) * own.var(ddof=0) + lean * pooled.var()) / weight
            wanted = np.exp(mean + rule["gap_quantile_z"] * np.sqrt(variance))
            horizon = min(max(wanted, rule["least_days"]), rule["most_days"])
            key = (origin, row.customer_id)
            assert (key in found.index) == (
                row.days_since_last_purchase <= np.ceil(horizon - 1e-4)
            )
            if key in found.index:
                stored = found.loc[key, "churn_horizon_days"]
                assert stored == pytest.approx(horizon, abs=1)
            # The longest horizon decides when an origin is known.
            is_over = origin + pd.Timedelta(days=int(rule["most_days"])) <= END
            assert (key in labels.index) == (is_over and key in found.index)
            if key in labels.index:
                days = built.own_days(row.customer_id)
                until = origin + pd.Timedelta(
                    days=int(labels.loc[key, "churn_horizon_days"])
                )
                assert labels.loc[key, "is_churned"] == (
                    not days.between(origin, until, inclusive="right").any()
                )


def test_sleepers_are_those_of_the_brands_horizon(built: Built) -> None:
    rules = RULES["brand_rules"].set_index("brand_code")
    windows = RULES["reactivation_rules"].set_index("brand_code")["window_days"]
    buyings = built.after["feat_customer_brand"]
    keys = ["base_date", "customer_id", "brand_code"]
    sleepers = built.after["feat_sleeper"].set_index(keys)
    labels = built.after["label_reactivation"].set_index(keys)
    assert set(labels["is_reactivated"]) == {True, False}
    for row in buyings.itertuples():
        key = (row.base_date, row.customer_id, row.brand_code)
        is_asleep = row.brand_code in rules.index and (
            rules.loc[row.brand_code, "slowing_days"]
            < row.days_since_last_purchase
            <= rules.loc[row.brand_code, "sleeping_days"]
        )
        assert (key in sleepers.index) == is_asleep
        if not is_asleep:
            continue
        until = row.base_date + pd.Timedelta(days=int(windows[row.brand_code]))
        assert (key in labels.index) == (until <= END)
        if until <= END:
            days = built.own_days(row.customer_id, row.brand_code)
            assert labels.loc[key, "is_reactivated"] == (
                days.between(row.base_date, until, inclusive="right").any()
            )


def test_purchases_and_high_value_are_found_after_the_origin(built: Built) -> None:
    rule = RULES["high_value_rules"].iloc[0]
    reached = built.after["feat_reached"].set_index(["base_date", "customer_id"])
    labels = built.after["label_high_value"]
    bought = built.after["label_purchase"].set_index(["base_date", "customer_id"])
    again = built.after["label_repurchase_30d"]
    assert set(bought["is_purchased_7d"]) == {True, False}
    assert bought.index.get_level_values(0).max() + MONTH <= END
    assert labels["high_value_on"].notna().sum() > 10
    for row in labels.itertuples():
        assert reached.loc[(row.base_date, row.customer_id), "goods_amount_90d"] < 850
        own = built.lines[built.lines["customer_id"] == row.customer_id]
        until = row.base_date + pd.Timedelta(days=int(rule["window_days"]))
        own = own[own["paid_on"].between(row.base_date, until, inclusive="right")]
        paid = own.groupby("paid_on")["goods_amount"].sum().cumsum().round(2)
        risen = paid[paid >= rule["high_value_amount"]]
        assert row.window_to == until
        assert (row.high_value_on is pd.NaT) == risen.empty
        if len(risen):
            assert row.high_value_on == risen.index[0]
    for (origin, customer), row in bought.iterrows():
        days = built.own_days(customer)
        week = origin + pd.Timedelta(days=7)
        assert row["is_purchased_7d"] == days.between(origin, week, "right").any()
        month = origin + MONTH
        assert row["is_purchased_30d"] == days.between(origin, month, "right").any()
    for row in again.itertuples():
        days = built.own_days(row.customer_id, row.brand_code)
        assert row.is_repurchased_30d == (
            days.between(row.base_date, row.base_date + MONTH, "right").any()
        )


@pytest.mark.parametrize(
    "spec",
    [REPURCHASE, REPURCHASE_30D, PURCHASE_INTENT, CHURN, REACTIVATION, HIGH_POTENTIAL],
    ids=lambda spec: spec.name,
)
def test_every_column_a_model_reads_is_there(built: Built, spec: Supervised) -> None:
    features = built.after[spec.features.removeprefix("features.")]
    assert set(spec.columns) <= set(features)
    labels = built.after[spec.labels.removeprefix("features.")]
    assert {*spec.keys, spec.label} <= set(labels)
