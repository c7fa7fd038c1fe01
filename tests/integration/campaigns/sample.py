"""Real purchases of households of the sample, and who was a quality person when."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from ingestion.sample.source import read_source

FIRST, LAST = pd.Timestamp("2017-06-01"), pd.Timestamp("2017-11-30")
OLD_ID = 1_000_000  # the former id of a customer is its own plus this


@dataclass
class Sample:
    """Frames with the columns of the inputs; refunds are not known at first.

    `refunded`: parent_order_key and amount of refunds that arrive later.
    """

    orders: pd.DataFrame
    lines: pd.DataFrame
    products: pd.DataFrame
    stays: pd.DataFrame
    refunded: pd.DataFrame
    excluded: set[int] = field(default_factory=set)
    aliases: dict[int, int] = field(default_factory=dict)

    def inputs(self) -> dict[str, list[dict[str, Any]]]:
        """Return the rows of every input."""
        days = pd.date_range(FIRST, LAST)
        return {
            "dim_dates": [{"date_day": day.date()} for day in days],
            "int_purchases__orders": rows(self.orders),
            "fct_order_lines": rows(self.lines),
            "tags_product_profile": rows(self.products),
            "tags_customer_risk": [
                {
                    "customer_id": customer,
                    "risk_exclusion": "employee" if customer in self.excluded else None,
                }
                for customer in sorted({*self.orders["customer_id"], *self.excluded})
            ],
            "segment_member_history": rows(
                self.stays.assign(
                    current_customer_id=self.stays["customer_id"].replace(self.aliases)
                )
            ),
        }

    def refund(self) -> None:
        """Let the refunds arrive."""
        amounts = self.orders["parent_order_key"].map(
            self.refunded.set_index("parent_order_key")["amount"]
        )
        self.orders["net_amount"] = (
            self.orders["goods_amount"] - amounts.fillna(0)
        ).round(2)


def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a frame as rows, its days as dates and what is missing as None."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [
        {
            str(name): cell.date() if isinstance(cell, pd.Timestamp) else cell
            for name, cell in row.items()
        }
        for row in plain.to_dict("records")
    ]


@cache
def purchases() -> pd.DataFrame:
    """Return the lines of the sample's months, with their day."""
    lines = read_source("transactions")
    lines["paid_on"] = lines["transaction_timestamp"].dt.normalize()
    return lines[lines["paid_on"].between(FIRST, LAST)]


def read_sample(households: int, seed: int) -> Sample:
    """Return the purchases of so many households, drawn by the seed."""
    rng = np.random.default_rng(seed)
    lines = purchases()
    chosen = rng.choice(np.sort(lines["household_id"].unique()), households, False)
    lines = lines[lines["household_id"].isin(chosen)]
    departments = read_source("products").set_index("product_id")["department"]
    is_bakery = lines["product_id"].map(departments) == "PASTRY"
    orders = (
        lines.groupby("basket_id", as_index=False)
        .agg(
            customer_id=("household_id", "first"),
            paid_on=("paid_on", "first"),
            goods_amount=("sales_value", "sum"),
        )
        .rename(columns={"basket_id": "parent_order_key"})
        .round({"goods_amount": 2})
    )
    orders["net_amount"] = orders["goods_amount"]
    refunded = orders.sample(frac=0.05, random_state=seed)
    return Sample(
        orders=orders,
        lines=pd.DataFrame(
            {
                "customer_id": lines["household_id"],
                "product_key": is_bakery.astype(int) + 1,
                "paid_on": lines["paid_on"],
                # A voided line is no purchase of its category.
                "is_valid_line": lines["sales_value"] > 0,
            }
        ).drop_duplicates(),
        products=pd.DataFrame(
            {"product_key": [1, 2], "product_category": ["grocery", "bakery"]}
        ),
        stays=quality_stays(orders, lines[is_bakery], rng),
        refunded=refunded[["parent_order_key"]].assign(
            amount=(refunded["goods_amount"] / 2).round(2)
        ),
    )


def quality_stays(
    orders: pd.DataFrame, bakery: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the stays in the three segments, from the membership of every evening."""
    in_30_days = by_evening(orders).rolling(30).sum()
    bakery = bakery.rename(columns={"household_id": "customer_id"})
    bakery_30 = by_evening(bakery).rolling(30).sum().reindex(columns=in_30_days.columns)
    quality = in_30_days >= 2
    some = rng.random(quality.shape[1]) < 0.5
    return pd.concat(
        [
            stays("seg_quality", quality),
            stays("seg_quality_no_bakery", quality & ~(bakery_30 > 0)),
            stays("seg_ticket_v3_v4_lv1", (in_30_days >= 3) & some),
        ],
        ignore_index=True,
    )


def by_evening(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the purchases by day (rows) and customer (columns)."""
    counted = frame.groupby(["paid_on", "customer_id"]).size().unstack(fill_value=0)
    return counted.reindex(pd.date_range(FIRST, LAST), fill_value=0)


def stays(segment: str, members: pd.DataFrame) -> pd.DataFrame:
    """Return entered_on and left_on of each stay of each customer."""
    changes = members.astype(int).diff()
    changes.iloc[0] = members.iloc[0].astype(int)
    found = []
    for customer in members:
        moves = changes[customer]
        entered, left = moves.index[moves == 1], moves.index[moves == -1]
        for place, day in enumerate(entered):
            found.append(
                {
                    "segment_code": segment,
                    "customer_id": customer,
                    "entered_on": day,
                    "left_on": left[place] if place < len(left) else pd.NaT,
                }
            )
    return pd.DataFrame(found)


def merge_ids(sample: Sample, share: float, seed: int) -> None:
    """Give some customers a former id, under which some of their stays are known."""
    rng = np.random.default_rng(seed)
    everybody = np.sort(sample.orders["customer_id"].unique())
    for customer in rng.choice(everybody, int(len(everybody) * share), False):
        sample.aliases[int(customer) + OLD_ID] = int(customer)
    is_old = sample.stays["customer_id"].isin(sample.aliases.values())
    is_old &= rng.random(len(sample.stays)) < 0.5
    # Some were known by both ids at once.
    both = sample.stays[is_old & (rng.random(len(sample.stays)) < 0.4)]
    sample.stays.loc[is_old, "customer_id"] += OLD_ID
    sample.stays = pd.concat([sample.stays, both], ignore_index=True)
