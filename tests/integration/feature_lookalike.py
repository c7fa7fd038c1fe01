"""What holds of the features of lookalike, asked by test_ml_features."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.integration.feature_world import CUT, EMPLOYEE, Built


def later_rows_change_nothing(built: Built) -> None:
    for name in ("feat_lookalike", "feat_lookalike_traits"):
        keys = ["customer_id", *{"kind", "code"}.intersection(built.before[name])]
        before, again = (
            rows[name].sort_values(sorted(keys), ignore_index=True)
            for rows in (built.before, built.again)
        )
        assert set(before["base_date"]) == {CUT}
        assert EMPLOYEE not in set(before["customer_id"])
        assert len(before) >= 30
        pd.testing.assert_frame_equal(before, again, check_dtype=False)


def a_naive_reading_says_the_same(built: Built) -> None:
    scoring = pd.Timestamp("2017-09-30")
    features = built.after["feat_lookalike"].set_index("customer_id")
    traits = built.after["feat_lookalike_traits"]
    traits = traits[traits["kind"] == "category"].set_index(["customer_id", "code"])
    past = built.lines[built.lines["paid_on"] <= scoring]
    assert set(features.index) == set(past["customer_id"])
    for customer, own in past.groupby("customer_id"):
        row = features.loc[customer]
        assert row["goods_amount_365d"] == pytest.approx(own["goods_amount"].sum())
        assert row["purchase_days_365d"] == own["paid_on"].nunique()
        assert row["brand_count_365d"] == own["brand_code"].nunique()
        assert row["online_line_rate_365d"] == pytest.approx(
            (own["channel_code"] != "pos").mean()
        )
        for category, lines in own.groupby("category"):
            found = traits.loc[(customer, category)]
            assert found["day_count"] == lines["paid_on"].nunique()
            assert found["goods_amount"] == pytest.approx(lines["goods_amount"].sum())
