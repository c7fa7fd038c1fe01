"""How OneID is doing: measures and budgets, merges and splits by day, links by rule."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from warehouse.connection import Connection, read_frame

_MEASURES = "select * from identity.oneid_health order by measure"
_MOVES = """
select occurred_on, op, count(distinct from_customer_id) as customers
from identity.oneid_history
group by occurred_on, op
order by occurred_on
"""
_LINKS = """
select 'accepted: ' || link_rule as rule, count(*) as links
from identity.oneid_links
group by link_rule
union all
select 'refused: ' || rejected_by, count(*)
from identity.oneid_rejected_links
group by rejected_by
order by links, rule
"""


@dataclass(frozen=True)
class Health:
    """Frames of one look at OneID.

    measures: measure, measured_value, max_value (NaN without a budget),
    is_within_budget. moves: occurred_on, op, customers. links: rule, links.
    """

    measures: pd.DataFrame
    moves: pd.DataFrame
    links: pd.DataFrame

    @property
    def over_budget(self) -> list[str]:
        """Measures over their budgets."""
        return list(self.measures.loc[~self.measures["is_within_budget"], "measure"])

    def as_markdown(self) -> str:
        """Return the measures as a table."""
        rows = ["| measure | value | budget | |", "|---|---|---|---|"]
        for measure, value, budget, is_within in zip(
            self.measures["measure"],
            self.measures["measured_value"].astype(float),
            self.measures["max_value"].astype(float),
            self.measures["is_within_budget"],
            strict=True,
        ):
            limit = "" if math.isnan(budget) else f"{budget:g}"
            rows.append(
                f"| {measure} | {value:.4g} | {limit} | {'' if is_within else 'over'} |"
            )
        return "\n".join(rows)

    def pictures(self) -> dict[str, bytes]:
        """Return PNG pictures by name; the same figures give the same bytes."""
        return {
            "merges_and_splits": _moves_png(self.moves),
            "links_by_rule": _links_png(self.links),
        }


def read_health(conn: Connection) -> Health:
    """Read what the last run left in the identity schema."""
    return Health(*(read_frame(conn, query) for query in (_MEASURES, _MOVES, _LINKS)))


def _moves_png(moves: pd.DataFrame) -> bytes:
    figure = Figure(figsize=(6.4, 3.6), dpi=110, layout="tight")
    axes = figure.subplots()
    axes.set_title("customers merged and split by day")
    by_day = moves.pivot_table(
        index="occurred_on", columns="op", values="customers", fill_value=0
    )
    for op, color in (("merge", "#1f77b4"), ("split", "#d62728")):
        if op in by_day:
            axes.plot(by_day.index, by_day[op], marker="o", color=color, label=op)
    axes.set_ylim(bottom=0)
    axes.set_ylabel("customers")
    axes.tick_params(axis="x", rotation=30)
    if len(by_day):
        axes.legend()
    return _png(figure)


def _links_png(links: pd.DataFrame) -> bytes:
    figure = Figure(figsize=(6.4, 3.6), dpi=110, layout="tight")
    axes = figure.subplots()
    axes.set_title("links by rule")
    colors = [
        "#1f77b4" if rule.startswith("acc") else "#999999" for rule in links["rule"]
    ]
    axes.barh(links["rule"], links["links"], color=colors)
    axes.set_xlabel("links")
    return _png(figure)


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
