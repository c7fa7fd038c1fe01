"""How well a partition of records into customers meets the truth: pure pandas.

All figures come from the contingency table: how many records customer and person share.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

CONTINGENCY_COLUMNS = ("customer_id", "person_id", "records")


@dataclass(frozen=True)
class Score:
    """Precision, recall and their harmonic mean, with the counts behind them.

    A share of nothing is 1: who claims no pair is never wrong.
    """

    right: int
    claimed: int
    true: int

    @property
    def precision(self) -> float:
        """Share of what was claimed that is right."""
        return self.right / self.claimed if self.claimed else 1.0

    @property
    def recall(self) -> float:
        """Share of what is true that was claimed."""
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True)
class Quality:
    """Scores over pairs of records and over whole clusters, and the worst cases.

    over_merged: one row per customer that holds several persons (customer_id, persons,
    records, wrong_pairs, person_ids). under_merged: one row per person in several
    customers (person_id, customers, records, lost_pairs, customer_ids). Worst first.
    """

    records: int
    customers: int
    persons: int
    pairs: Score
    clusters: Score
    over_merged: pd.DataFrame
    under_merged: pd.DataFrame


def measure(contingency: pd.DataFrame) -> Quality:
    """Score a contingency table: customer_id, person_id, records (a positive count).

    Pairs: unordered pairs of records, claimed when in one customer, true when of one
    person. Clusters: a customer is right when its records are exactly one person's.
    """
    missing = [name for name in CONTINGENCY_COLUMNS if name not in contingency.columns]
    if missing:
        raise ValueError(f"the contingency table lacks the column {missing[0]}")
    counts = contingency.groupby(["customer_id", "person_id"], as_index=False).agg(
        records=("records", "sum")
    )
    counts = counts.assign(pairs=_pairs(counts["records"]))
    by_customer = _totals(counts, "customer_id", "person_id")
    by_person = _totals(counts, "person_id", "customer_id")
    right = int(counts["pairs"].sum())
    exact = counts.merge(by_customer, on="customer_id", suffixes=("", "_of_customer"))
    exact = exact.merge(by_person, on="person_id", suffixes=("", "_of_person"))
    whole = (exact["parts"] == 1) & (exact["parts_of_person"] == 1)
    return Quality(
        records=int(counts["records"].sum()),
        customers=len(by_customer),
        persons=len(by_person),
        pairs=Score(
            right,
            int(by_customer["all_pairs"].sum()),
            int(by_person["all_pairs"].sum()),
        ),
        clusters=Score(int(whole.sum()), len(by_customer), len(by_person)),
        over_merged=_worst(counts, by_customer, "customer_id", "person_id").rename(
            columns={"parts": "persons", "missed": "wrong_pairs"}
        ),
        under_merged=_worst(counts, by_person, "person_id", "customer_id").rename(
            columns={"parts": "customers", "missed": "lost_pairs"}
        ),
    )


def _pairs(records: pd.Series) -> pd.Series:
    return records * (records - 1) // 2


def _totals(counts: pd.DataFrame, side: str, other: str) -> pd.DataFrame:
    """Sum the table up by one side: parts, records, and the pairs that side implies."""
    totals = counts.groupby(side, as_index=False).agg(
        parts=(other, "size"), records=("records", "sum"), kept=("pairs", "sum")
    )
    return totals.assign(all_pairs=_pairs(totals["records"]))


def _worst(
    counts: pd.DataFrame, totals: pd.DataFrame, side: str, other: str
) -> pd.DataFrame:
    """Return the clusters of one side that are broken by the other, worst first."""
    broken = totals[totals["parts"] > 1]
    broken = broken.assign(missed=broken["all_pairs"] - broken["kept"])
    parts = counts[counts[side].isin(broken[side])].sort_values(
        [side, "records", other], ascending=[True, False, True]
    )
    names = {
        key: ", ".join(map(str, group[other])) for key, group in parts.groupby(side)
    }
    return (
        broken.drop(columns=["kept", "all_pairs"])
        .assign(**{f"{other}s": broken[side].map(names)})
        .sort_values(["missed", side], ascending=[False, True])
        .reset_index(drop=True)
    )
