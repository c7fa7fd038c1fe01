"""The report's pictures as PNG bytes, drawn without a screen."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure


def reliability_png(table: pd.DataFrame, *, title: str) -> bytes:
    """Draw predicted against observed rate (columns of `metrics.reliability`)."""
    figure, axes = _canvas(title)
    axes.plot([0, 1], [0, 1], color="#999999", linestyle="--", label="perfect")
    axes.plot(
        table["predicted_rate"], table["observed_rate"], marker="o", label="model"
    )
    axes.set_xlabel("predicted rate")
    axes.set_ylabel("observed rate")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.legend()
    return png(figure)


def lift_png(tables: dict[str, pd.DataFrame], *, title: str) -> bytes:
    """Draw lift of the best share per named ranking (columns of `metrics.lift`)."""
    figure, axes = _canvas(title)
    for name, table in tables.items():
        axes.plot(table["share"], table["lift"], marker=".", label=name)
    axes.axhline(1, color="#999999", linestyle="--")
    axes.set_xlabel("share of customers, best scores first")
    axes.set_ylabel("lift over everybody")
    axes.legend()
    return png(figure)


def importance_png(table: pd.DataFrame, *, title: str, top: int = 15) -> bytes:
    """Draw the gain share of the strongest features (columns feature, gain_share)."""
    figure, axes = _canvas(title)
    best = table.head(top).iloc[::-1]
    axes.barh(best["feature"], best["gain_share"])
    axes.set_xlabel("share of gain")
    return png(figure)


def bars_png(values: Mapping[str, float], *, title: str, label: str) -> bytes:
    """Draw one bar per name, the first on top."""
    figure, axes = _canvas(title)
    axes.barh(list(values)[::-1], list(values.values())[::-1])
    axes.set_xlabel(label)
    return png(figure)


def _canvas(title: str) -> tuple[Figure, Axes]:
    # Figure without pyplot: no global state, no display, safe in any thread.
    figure = Figure(figsize=(6.4, 4.2), dpi=110, layout="tight")
    axes = figure.subplots()
    axes.set_title(title)
    return figure, axes


def png(figure: Figure) -> bytes:
    """Return a figure as PNG: the same figure gives the same bytes."""
    buffer = io.BytesIO()
    # No time stamp or version inside.
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
