"""Tables and pictures as Markdown, which is what the Dagster UI shows of an asset."""

from __future__ import annotations

from base64 import b64encode

import pandas as pd


def table(frame: pd.DataFrame) -> str:
    """Return a frame as a table."""
    rows = [
        "| " + " | ".join(frame.columns) + " |",
        "|" + "---|" * len(frame.columns),
    ]
    for row in frame.itertuples(index=False):
        rows.append("| " + " | ".join(_cell(value) for value in row) + " |")
    return "\n".join(rows)


def picture(name: str, png: bytes) -> str:
    """Return a picture with its bytes inside."""
    return f"![{name}](data:image/png;base64,{b64encode(png).decode()})"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return str(value)
