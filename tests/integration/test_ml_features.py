"""Features see nothing after their base_date, and say what a naive reading says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from tests.integration.feature_project import FeatureProject

KEYS = ["base_date", "customer_id", "brand_code"]
EMPLOYEE = 7
CUT = pd.Timestamp("2017-08-31")
END = pd.Timestamp("2017-10-15")


@dataclass(frozen=True)
class Built:
    """Features built before and after the rows of the later weeks arrived."""

    before: dict[str, pd.DataFrame]
    after: dict[str, pd.DataFrame]
    lines: pd.DataFrame


def invented_lines(rng: np.random.Generator, rows: int = 2500) -> pd.DataFrame:
    days = pd.date_range("2017-01-03", END)
    price = rng.integers(100, 9000, rows) / 100
    discount = np.where(rng.random(rows) < 0.3, price * 0.2, 0).round(2)
    return pd.DataFrame(
        {
            "customer_id": rng.integers(1, 40, rows),
            "brand_code": rng.choice(["baby", "ginseng", "supermarket"], rows),
            "channel_code": rng.choice(["pos", "tmall", "youzan"], rows),
            "paid_on": rng.choice(days, rows),
            "quantity": rng.integers(1, 4, rows),
            "list_amount": price.round(2),
            "coupon_amount": np.where(rng.random(rows) < 0.1, 1.0, 0.0),
            "goods_amount": (price - discount).round(2),
            "is_valid_line": rng.random(rows) < 0.95,
        }
    )


def invented_marts() -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(5)
    days = pd.date_range("2017-01-03", END)
    people = np.arange(1, 40)

    def happenings(rows: int, day: str, **columns: object) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "customer_id": rng.choice(people, rows),
                day: rng.choice(days, rows),
                **columns,
            }
        )

    return {
        "fct_order_lines": invented_lines(rng),
        "fct_events": happenings(
            900,
            "occurred_on",
            event_type=rng.choice(["page_view", "add_to_cart", "join", "search"], 900),
        ),
        "fct_coupons": happenings(
            300, "occurred_on", action=rng.choice(["use", "claim"], 300)
        ),
        "fct_refunds": happenings(60, "completed_on"),
        "fct_touches": happenings(
            200, "sent_on", status=rng.choice(["delivered", "failed"], 200)
        ),
        "dim_customers": pd.DataFrame(
            {
                "customer_id": people,
                "gender": rng.choice(["female", "male", "unknown"], len(people)),
                "birthday": pd.Timestamp("1985-05-05"),
                # Some join after the earlier origins; some never do.
                "joined_at": [
                    pd.Timestamp("2017-01-03 10:00", tz="Asia/Shanghai")
                    + pd.Timedelta(days=int(number) * 8)
                    if number % 3
                    else pd.NaT
                    for number in people
                ],
                "is_employee": people == EMPLOYEE,
            }
        ),
        "dim_dates": pd.DataFrame(
            {"date_day": pd.date_range("2016-01-01", "2018-12-31")}
        ),
    }


def known_by(
    marts: dict[str, pd.DataFrame], day: pd.Timestamp
) -> dict[str, pd.DataFrame]:
    """Return what had happened by the end of a day: facts cut, later joiners blank."""
    cut = {}
    for name, frame in marts.items():
        dates = [column for column in frame if str(column).endswith("_on")]
        kept = frame[(frame[dates] <= day).all(axis=1)] if dates else frame
        if name == "dim_customers":
            is_later = kept["joined_at"] > day.tz_localize(
                "Asia/Shanghai"
            ) + pd.Timedelta(days=1)
            kept = kept.assign(
                gender=kept["gender"].mask(is_later, "unknown"),
                birthday=kept["birthday"].mask(is_later),
                joined_at=kept["joined_at"].mask(is_later),
            )
        cut[name] = kept
    return cut


@pytest.fixture(scope="module")
def built(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Built:
    project = FeatureProject(tmp_path_factory.mktemp("features"))
    marts = invented_marts()
    project.land(known_by(marts, CUT))
    before = project.build(f"{CUT:%Y-%m-%d}")
    project.land(marts)
    after = project.build(f"{END:%Y-%m-%d}")
    lines = marts["fct_order_lines"]
    lines = lines[lines["is_valid_line"] & (lines["customer_id"] != EMPLOYEE)]
    return Built(before, after, lines)


def test_later_rows_change_no_feature_row_of_an_earlier_origin(built: Built) -> None:
    for name in ("feat_customer_brand", "feat_customer", "feat_engagement"):
        keys = [key for key in KEYS if key in built.before[name]]
        before = built.before[name].sort_values(keys, ignore_index=True)
        after = built.after[name]
        after = after[after["base_date"] <= CUT].sort_values(keys, ignore_index=True)
        assert len(before) > 100
        assert set(before["base_date"]) == set(after["base_date"])
        pd.testing.assert_frame_equal(before, after, check_dtype=False)


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
