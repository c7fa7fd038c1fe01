"""KPIs of campaigns the slow way: day by day, person by person, from what words say."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from tests.integration.campaigns.sample import Sample

DAY = pd.Timedelta(days=1)
ARMS = ("treated", "control")
SHARES = ("buyer_rate", "repurchase_rate", "category_buyer_rate")


@dataclass(frozen=True)
class Campaign:
    """One row of the sheet, and the population it is measured over."""

    code: str
    segment: str
    kind: str
    starts_on: pd.Timestamp
    ends_on: pd.Timestamp
    percent: float
    category: str | None = None


def arm(code: str, customer: int, percent: float) -> str:
    """Return the arm of a customer: a number of four hex bytes of a hash."""
    digest = hashlib.md5(f"{code}:{customer}".encode()).hexdigest()  # noqa: S324
    return "control" if int(digest[:8], 16) % 10_000 < percent * 100 else "treated"


def members(sample: Sample, one: Campaign, day: pd.Timestamp) -> set[int]:
    """Return who was in the segment when a day (of a snapshot: the first) began."""
    evening = (one.starts_on if one.kind == "snapshot" else day) - DAY
    all_stays = sample.stays[sample.stays["segment_code"] == one.segment]
    inside = (all_stays["entered_on"] <= evening) & ~(all_stays["left_on"] <= evening)
    ids = {int(i) for i in all_stays.loc[inside, "customer_id"]}
    return {sample.aliases.get(i, i) for i in ids} - sample.excluded


def bakery_days(sample: Sample) -> set[tuple[int, pd.Timestamp]]:
    """Return who bought bakery on which day."""
    bought = sample.lines[
        sample.lines["is_valid_line"] & (sample.lines["product_key"] == 2)
    ]
    return set(zip(bought["customer_id"], bought["paid_on"], strict=True))


def days(sample: Sample, one: Campaign, until: pd.Timestamp) -> list[dict[str, Any]]:
    """Return the KPIs of each day and arm, as of the evening of `until`."""
    bakery = bakery_days(sample) if one.category else set()
    by_day = dict(tuple(sample.orders.groupby("paid_on")))
    first_day: dict[int, pd.Timestamp] = {}
    bought_before: dict[int, int] = {}
    found, yesterday = [], set()
    for day in pd.date_range(one.starts_on, min(one.ends_on, until)):
        today = members(sample, one, day)
        for customer in today:
            first_day.setdefault(customer, day)
        orders = by_day.get(day, sample.orders.iloc[:0])
        orders = orders[orders["customer_id"].isin(first_day)]
        for customer, own in orders.groupby("customer_id"):
            bought_before[customer] = bought_before.get(customer, 0) + len(own)
        for name in ARMS:
            own_arm = {c for c in today if arm(one.code, c, one.percent) == name}
            were = {c for c in yesterday if arm(one.code, c, one.percent) == name}
            own = orders[orders["customer_id"].isin(own_arm)]
            buyers = set(own["customer_id"])
            found.append(
                {
                    "arm": name,
                    "day_on": day,
                    "member_count": len(own_arm),
                    "entered_count": len(own_arm - were),
                    "left_count": len(were - own_arm),
                    "buyer_count": len(buyers),
                    "order_count": len(own),
                    "sales_amount": round(own["goods_amount"].sum(), 2),
                    "net_amount": round(own["net_amount"].sum(), 2),
                    "repurchaser_count": sum(bought_before[c] > 1 for c in buyers),
                    "category_buyer_count": sum((c, day) in bakery for c in buyers),
                }
            )
        yesterday = today
    return found


def outcomes(
    sample: Sample, one: Campaign, until: pd.Timestamp, before_days: int
) -> dict[str, pd.DataFrame]:
    """Return a row per person and period: arm, orders, sales, net, has_category."""
    last = min(one.ends_on, until)
    first_day: dict[int, pd.Timestamp] = {}
    for day in pd.date_range(one.starts_on, last):
        for customer in members(sample, one, day):
            first_day.setdefault(customer, day)
    people = pd.DataFrame(index=pd.Index(sorted(first_day), name="customer_id"))
    people["arm"] = [arm(one.code, c, one.percent) for c in people.index]
    bakery = bakery_days(sample) if one.category else set()
    own = sample.orders[sample.orders["customer_id"].isin(first_day)]
    entered = own["customer_id"].map(first_day)
    begins = one.starts_on - before_days * DAY
    periods = {
        "before": (own["paid_on"] >= begins) & (own["paid_on"] < one.starts_on),
        "since": (own["paid_on"] >= entered) & (own["paid_on"] <= last),
    }
    found = {}
    for period, inside in periods.items():
        kept = own[inside]
        sums = kept.groupby("customer_id").agg(
            orders=("parent_order_key", "size"),
            sales=("goods_amount", "sum"),
            net=("net_amount", "sum"),
        )
        sums["has_category"] = [
            any(
                (customer, day) in bakery
                for day in kept.loc[kept["customer_id"] == customer, "paid_on"]
            )
            for customer in sums.index
        ]
        found[period] = people.join(sums).fillna(
            {"orders": 0, "sales": 0.0, "net": 0.0, "has_category": False}
        )
    return found


def kpis(frame: pd.DataFrame) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return numerator and denominator of each KPI, a number per person."""
    ones = np.ones(len(frame))
    orders = frame["orders"].to_numpy(float)
    net = frame["net"].to_numpy(float)
    return {
        "buyer_rate": ((orders > 0).astype(float), ones),
        "repurchase_rate": ((orders > 1).astype(float), ones),
        "category_buyer_rate": (frame["has_category"].to_numpy(float), ones),
        "orders_per_person": (orders, ones),
        "sales_per_person": (frame["sales"].to_numpy(float), ones),
        "net_sales_per_person": (net, ones),
        "average_ticket": (net, orders),
    }


def lift(frame: pd.DataFrame, confidence: float) -> dict[str, tuple[float, ...]]:
    """Return treated, control, and the interval of their difference, by KPI."""
    arms = [kpis(frame[frame["arm"] == name]) for name in ARMS]
    found = {}
    for kpi in arms[0]:
        (top, below), (control_top, control_below) = arms[0][kpi], arms[1][kpi]
        sizes = len(top), len(control_top)
        estimates = top.sum() / below.sum(), control_top.sum() / control_below.sum()
        if kpi in SHARES:
            wide = [(one.sum() + 1) / (len(one) + 2) for one in (top, control_top)]
            margin = stats.norm.ppf(0.5 + confidence / 2) * np.sqrt(
                sum(p * (1 - p) / (n + 2) for p, n in zip(wide, sizes, strict=True))
            )
            center = wide[0] - wide[1]
        else:
            squares = [
                np.var(one - estimate * under, ddof=1) / len(one) / under.mean() ** 2
                for one, under, estimate in zip(
                    (top, control_top),
                    (below, control_below),
                    estimates,
                    strict=True,
                )
            ]
            freedom = sum(squares) ** 2 / sum(
                square**2 / (n - 1) for square, n in zip(squares, sizes, strict=True)
            )
            margin = stats.t.ppf(0.5 + confidence / 2, freedom) * np.sqrt(sum(squares))
            center = estimates[0] - estimates[1]
        found[kpi] = (*estimates, center - margin, center + margin)
    return found
