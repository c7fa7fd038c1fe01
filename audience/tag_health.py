"""How the tags are on a day: fill, values, age and drift, by family, and pictures."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd
import psycopg
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from audience.distribution import NOT_BUILT
from warehouse.connection import Connection, read_frame
from warehouse.errors import QuanyuError

# Days a tag may be old by its `refresh`.
MAX_AGE_DAYS = {"daily": 0, "weekly": 7, "monthly": 31}

_TAGS = """
select
    catalogue.model_name, catalogue.tag_code, catalogue.name_zh, catalogue.type,
    catalogue.owner, catalogue.refresh, catalogue.allowed_values,
    catalogue.min_fill, newest.measured_on, spread.fill_rate, spread.distinct_count
from tags.tag_catalog as catalogue
left join (
    select entity, tag_code, max(base_date) as measured_on
    from tags.tag_distribution
    where base_date <= %(day)s
    group by entity, tag_code
) as newest
    on catalogue.entity = newest.entity and catalogue.tag_code = newest.tag_code
left join tags.tag_distribution as spread
    on
        newest.entity = spread.entity
        and newest.tag_code = spread.tag_code
        and newest.measured_on = spread.base_date
order by catalogue.model_name, catalogue.tag_code
"""
_VALUES = """
select catalogue.model_name, counts.tag_code, counts.tag_value, counts.value_count
from tags.tag_value_counts as counts
inner join tags.tag_catalog as catalogue
    on counts.entity = catalogue.entity and counts.tag_code = catalogue.tag_code
where
    counts.base_date = %(day)s
    and catalogue.type = 'enum'
    and counts.tag_value is not null
    and not counts.tag_value
        = any(string_to_array(catalogue.allowed_values, ', '))
order by counts.tag_code, counts.tag_value
"""
_DRIFT = """
select
    catalogue.model_name, drift.tag_code, drift.comparison, drift.compared_on,
    cast(drift.psi as double precision) as psi, drift.drift
from tags.tag_drift as drift
inner join tags.tag_catalog as catalogue
    on drift.entity = catalogue.entity and drift.tag_code = catalogue.tag_code
where drift.base_date = %(day)s
order by drift.psi desc, drift.tag_code, drift.comparison
"""


@dataclass(frozen=True)
class TagHealth:
    """Frames of one look at the tags, each with model_name and tag_code.

    tags: name_zh, type, owner, refresh, min_fill, fill_rate, distinct_count,
    measured_on. strangers: values no entry declares, with their rows. drift:
    comparison, compared_on, psi, drift, farthest first.
    """

    day: date
    tags: pd.DataFrame
    strangers: pd.DataFrame
    drift: pd.DataFrame

    def under_filled(self, model: str) -> pd.DataFrame:
        """Tags of a family that are filled less than declared."""
        tags = _of(self.tags, model)
        columns = ["tag_code", "name_zh", "owner", "fill_rate", "min_fill"]
        return tags.loc[tags["fill_rate"] < tags["min_fill"], columns]

    def undeclared(self, model: str) -> pd.DataFrame:
        """Values of a family's enums that no entry declares."""
        return _of(self.strangers, model)[["tag_code", "tag_value", "value_count"]]

    def late(self, model: str) -> pd.DataFrame:
        """Tags of a family that were not measured when they should have been."""
        tags = _of(self.tags, model)
        age = (pd.Timestamp(self.day) - pd.to_datetime(tags["measured_on"])).dt.days
        on_time = age <= tags["refresh"].map(MAX_AGE_DAYS)
        return tags.loc[~on_time, ["tag_code", "owner", "refresh", "measured_on"]]

    def drifted(self, model: str) -> pd.DataFrame:
        """Tags of a family that have drifted, with what they are compared with."""
        drift = _of(self.drift, model)
        columns = ["tag_code", "comparison", "compared_on", "psi"]
        return drift.loc[drift["drift"] == "drifted", columns]

    def by_family(self) -> pd.DataFrame:
        """One row per family: tags, mean fill, and what is wrong with how many."""
        rows = [
            {
                "family": model,
                "tags": len(_of(self.tags, model)),
                "mean_fill": _of(self.tags, model)["fill_rate"].astype(float).mean(),
                "under_filled": len(self.under_filled(model)),
                "undeclared_values": len(self.undeclared(model)),
                "late": len(self.late(model)),
                "drifted": len(self.drifted(model)),
            }
            for model in self.tags["model_name"].unique()
        ]
        return pd.DataFrame(rows)

    def pictures(self) -> dict[str, bytes]:
        """Return PNG pictures by name; the same figures give the same bytes."""
        return {"fill": _fill_png(self.tags), "drift": _drift_png(self.drift)}


def read_tag_health(conn: Connection, day: date) -> TagHealth:
    """Read what the last run left in the schema tags; QuanyuError: not built yet."""
    try:
        frames = [
            read_frame(conn, query, {"day": day}) for query in (_TAGS, _VALUES, _DRIFT)
        ]
    except psycopg.errors.UndefinedTable as error:
        raise QuanyuError(NOT_BUILT) from error
    return TagHealth(day, *frames)


def _of(frame: pd.DataFrame, model: str) -> pd.DataFrame:
    return frame[frame["model_name"] == model]


def _fill_png(tags: pd.DataFrame) -> bytes:
    known = tags.dropna(subset=["fill_rate"])
    figure, axes, places = _strips(known["model_name"])
    axes.set_title("fill by family: a dot per tag, red under its declared fill")
    under = known["fill_rate"] < known["min_fill"]
    axes.scatter(
        known["fill_rate"].astype(float),
        known["model_name"].map(places),
        c=["#d62728" if one else "#1f77b4" for one in under],
        alpha=0.6,
    )
    axes.set_xlim(-0.02, 1.02)
    axes.set_xlabel("share of rows with a value")
    return _png(figure)


def _drift_png(drift: pd.DataFrame) -> bytes:
    figure, axes, places = _strips(drift["model_name"])
    axes.set_title("drift by family: a dot per tag and comparison")
    colors = {"steady": "#1f77b4", "shifted": "#ff7f0e", "drifted": "#d62728"}
    axes.scatter(
        drift["psi"].clip(lower=1e-4),
        drift["model_name"].map(places),
        c=[colors[one] for one in drift["drift"]],
        alpha=0.6,
    )
    axes.set_xscale("log")
    axes.set_xlim(left=5e-5)
    axes.set_xlabel("population stability index")
    return _png(figure)


def _strips(models: pd.Series) -> tuple[Figure, Axes, dict[str, int]]:
    """Return a figure with a strip per family, first on top, and each one's height."""
    names: Sequence[str] = sorted(models.unique(), reverse=True)
    height = 1.2 + 0.22 * max(len(names), 4)
    figure = Figure(figsize=(6.4, height), dpi=110, layout="tight")
    axes = figure.subplots()
    axes.set_yticks(
        range(len(names)), [name.removeprefix("tags_") for name in names], fontsize=7
    )
    axes.grid(axis="y", alpha=0.3)
    return figure, axes, {name: place for place, name in enumerate(names)}


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
