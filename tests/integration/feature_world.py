"""A small invented group whose purchases and signs the feature models are built on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

KEYS = ["base_date", "customer_id", "brand_code"]
EMPLOYEE = 7
CUT = pd.Timestamp("2017-08-31")
END = pd.Timestamp("2017-10-15")
MONTH = pd.Timedelta(days=30)
# Tight rules, so that a year of invented purchases has people on both sides of each.
RULES = {
    "brand_rules": pd.DataFrame(
        {
            "brand_code": ["baby", "ginseng"],
            "slowing_days": [10, 20],
            "sleeping_days": [60, 60],
        }
    ),
    "churn_rules": pd.DataFrame(
        {
            "gap_quantile_z": [1.0],
            "lean_gaps": [5],
            "least_days": [4],
            "most_days": [12],
        }
    ),
    "reactivation_rules": pd.DataFrame(
        {"brand_code": ["baby", "ginseng"], "window_days": [30, 14]}
    ),
    "high_value_rules": pd.DataFrame({"window_days": [84], "high_value_amount": [850]}),
}


@dataclass(frozen=True)
class Built:
    """Features built before and after the rows of the later weeks arrived."""

    before: dict[str, pd.DataFrame]
    again: dict[str, pd.DataFrame]  # the earlier day, with the later rows there
    after: dict[str, pd.DataFrame]
    lines: pd.DataFrame
    marts: dict[str, pd.DataFrame]

    def own_days(self, customer: int, brand: str | None = None) -> pd.Series:
        """Return the days on which somebody bought, in order."""
        own = self.lines[self.lines["customer_id"] == customer]
        if brand:
            own = own[own["brand_code"] == brand]
        return own["paid_on"].drop_duplicates().sort_values()


def invented_lines(rng: np.random.Generator, rows: int = 2500) -> pd.DataFrame:
    days = pd.date_range("2017-01-03", END)
    price = rng.integers(100, 9000, rows) / 100
    discount = np.where(rng.random(rows) < 0.3, price * 0.2, 0).round(2)
    return pd.DataFrame(
        {
            "customer_id": rng.integers(1, 40, rows),
            "brand_code": rng.choice(["baby", "ginseng", "supermarket"], rows),
            "category": rng.choice(["DIAPERS", "TEAS", "SOUP", "BEEF", None], rows),
            "channel_code": rng.choice(["pos", "tmall", "youzan"], rows),
            "paid_on": rng.choice(days, rows),
            "quantity": rng.integers(1, 4, rows),
            "list_amount": price.round(2),
            "coupon_amount": np.where(rng.random(rows) < 0.1, 1.0, 0.0),
            "goods_amount": (price - discount).round(2),
            "is_valid_line": rng.random(rows) < 0.95,
            "product_key": np.arange(rows) * 7 % 30 + 1,
            "store_code": np.where(np.arange(rows) % 3 == 0, "S1", None),
            "shop_code": "web",
        }
    )


def invented_marts() -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(5)
    days = pd.date_range("2017-01-03", END)
    # The last ten never buy.
    people = np.arange(1, 50)

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
        "fct_touches": with_clicks(
            happenings(
                200,
                "sent_on",
                status=rng.choice(["delivered", "failed"], 200),
                campaign_code=["double11", "spring"] * 100,
            ),
            rng,
        ),
        "fct_ad_exposures": happenings(
            60, "occurred_on", action=rng.choice(["impression", "click"], 60)
        ),
        "fct_interactions": happenings(90, "occurred_on"),
        "fct_leads": happenings(20, "submitted_on"),
        "fct_guide_contacts": happenings(20, "added_on"),
        **RULES,
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
        "dim_products": pd.DataFrame(
            {
                "product_key": np.arange(1, 31),
                "item_code": [f"P{key}" for key in range(1, 31)],
                "category": [f"C{key % 5}" for key in range(1, 31)],
                "department": "D",
                "list_price_amount": np.arange(30) + 0.5,
            }
        ),
        "product_categories": pd.DataFrame(
            {
                "match_on": "category",
                "source_value": [f"C{key}" for key in range(4)],
                "product_category": ["deli", "deli", "meat", "bakery"],
            }
        ),
        "dim_dates": pd.DataFrame(
            {"date_day": pd.date_range("2016-01-01", "2018-12-31")}
        ),
        "fct_member_tiers": happenings(80, "from_on", tier=["silver", "gold"] * 40),
    }


def with_clicks(touches: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Some messages are clicked, some days after they were sent."""
    later = pd.to_timedelta(rng.integers(0, 40, len(touches)), unit="D")
    clicked = (touches["sent_on"] + later).dt.tz_localize("Asia/Shanghai")
    return touches.assign(clicked_at=clicked.where(rng.random(len(touches)) < 0.4))


def known_by(
    marts: dict[str, pd.DataFrame], day: pd.Timestamp
) -> dict[str, pd.DataFrame]:
    """Return what had happened by the end of a day: facts cut, later joiners blank."""
    cut = {}
    for name, frame in marts.items():
        dates = [
            column
            for column in frame.select_dtypes("datetime")
            if str(column).endswith("_on")
        ]
        kept = frame[(frame[dates] <= day).all(axis=1)] if dates else frame
        if name == "fct_touches":
            ends = (day + pd.Timedelta(days=1)).tz_localize("Asia/Shanghai")
            clicked = kept["clicked_at"]
            kept = kept.assign(clicked_at=clicked.where(clicked < ends))
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
