"""The pictures of cltv's report, drawn without a screen."""

from __future__ import annotations

import io
from typing import Any

from matplotlib.figure import Figure

# More lines than these cannot be told apart: the largest cohorts are drawn.
_MOST_COHORTS = 6


def cohorts_png(cohorts: list[dict[str, Any]], *, title: str) -> bytes:
    """Draw orders per customer since the tested day, said and seen, by cohort."""
    figure = Figure(figsize=(6.4, 4.2), dpi=110, layout="tight")
    axes = figure.subplots()
    axes.set_title(title)
    largest = sorted(cohorts, key=lambda row: -row["customers"])[:_MOST_COHORTS]
    days = (0, 30, 60, 90)
    for at, row in enumerate(sorted(largest, key=lambda row: row["cohort"])):
        said = [0.0, *(row[f"said_orders_{day}d"] for day in days[1:])]
        seen = [0.0, *(row[f"seen_orders_{day}d"] for day in days[1:])]
        axes.plot(
            days, seen, color=f"C{at}", label=f"{row['cohort']} ({row['customers']})"
        )
        axes.plot(days, said, color=f"C{at}", linestyle="--")
    axes.set_xlabel("days since the tested month end (seen solid, said dashed)")
    axes.set_ylabel("orders per customer")
    axes.legend(title="first purchase (customers)", fontsize="small")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
