"""Campaigns as a table and as pictures: lift with its interval, KPIs by day."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from audience.campaigns import Report

# Campaigns with pictures of their days, the newest.
MOST = 6
COLORS = {
    "higher": "#2ca02c",
    "lower": "#d62728",
    "alike": "#1f77b4",
    "too_small": "#bbbbbb",
}


def standing(campaigns: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return a row per campaign and population, as the report shows them."""
    columns = [
        "campaign_code", "name_zh", "status", "population", "kpi", "treated_count",
        "control_count", "treated_estimate", "control_estimate", "lower_bound",
        "upper_bound", "verdict",
    ]  # fmt: skip
    frame = pd.DataFrame(campaigns, columns=columns)
    numbers = ["treated_estimate", "control_estimate", "lower_bound", "upper_bound"]
    frame[numbers] = frame[numbers].astype(float)
    return frame.astype(object).where(frame.notna(), "")


def pictures(
    campaigns: Sequence[dict[str, Any]], reports: Sequence[Report]
) -> dict[str, bytes]:
    """Return PNG pictures by name; none before anything was measured.

    The same figures give the same bytes.
    """
    measured = [row for row in campaigns if row["control_estimate"]]
    found = {}
    if measured:
        found["lift"] = _lift_png(measured)
    newest = [report for report in reports if report.days][-MOST:]
    if newest:
        found["days"] = _days_png(newest)
    return found


def _lift_png(rows: Sequence[dict[str, Any]]) -> bytes:
    """Draw each difference as a share of the control, with its interval."""
    figure = Figure(figsize=(6.4, 1.2 + 0.3 * len(rows)), dpi=110, layout="tight")
    axes = figure.subplots()
    labels = []
    for place, row in enumerate(reversed(rows)):
        labels.append(f"{row['campaign_code']} {row['population']} {row['kpi']}")
        unit = float(row["control_estimate"]) / 100
        low, high = row["lower_bound"], row["upper_bound"]
        color = COLORS[row["verdict"]]
        if low is not None and high is not None:
            axes.plot([float(low) / unit, float(high) / unit], [place, place], c=color)
        axes.plot([float(row["difference"]) / unit], [place], "o", c=color)
    axes.axvline(0, color="#888888", linewidth=0.8)
    axes.set_yticks(range(len(labels)), labels, fontsize=7)
    axes.set_xlabel("difference, % of the control, 95 % interval", fontsize=8)
    return _png(figure)


def _days_png(reports: Sequence[Report]) -> bytes:
    """Draw the deciding KPI by day, of the widest population, treated and control."""
    height = math.ceil(len(reports) / 2)
    figure = Figure(figsize=(8, 0.6 + 2.1 * height), dpi=110, layout="tight")
    plots = figure.subplots(height, 2, squeeze=False).flat
    for axes, report in zip(plots, reports, strict=False):
        kpi = report.sheet["kpi"]
        population = report.standing[-1]["population"]
        series = report.series(population, kpi)
        days, *arms = zip(*series, strict=True)
        for name, numbers in zip(("treated", "control"), arms, strict=True):
            axes.plot(
                days,
                [math.nan if one is None else float(one) for one in numbers],
                label=name,
            )
        axes.set_title(
            f"{report.sheet['campaign_code']}: {kpi}, {population}", fontsize=8
        )
        axes.tick_params(labelsize=6)
        axes.tick_params(axis="x", rotation=30)
        axes.set_ylim(bottom=0)
        axes.legend(fontsize=6)
    for axes in list(figure.axes)[len(reports) :]:
        axes.set_visible(False)
    return _png(figure)


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
