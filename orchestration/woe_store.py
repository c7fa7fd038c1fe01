"""Weights of evidence meet the warehouse: features in, bins of a month end out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pandas as pd

from ml.errors import ModelError
from ml.registry import code_version
from ml.repurchase import MODEL as REPURCHASE
from ml.woe import WoeConfig, fit_woe
from orchestration.model_store import model_frames, scoring_date
from warehouse.connection import Connection, copy_frame, read_frame

WOE = "woe"


@dataclass(frozen=True)
class Fitted:
    """What a request to fit came to, with the bins in use if it made or found any."""

    # fitted | kept (the month has its bins) | skipped (the reason says why)
    status: str
    reason: str
    base_date: date | None
    bins: pd.DataFrame

    def information_values(self) -> pd.DataFrame:
        """Return how much each feature tells, by brand: one row per feature."""
        if self.bins.empty:
            return self.bins
        return self.bins.pivot_table(
            index="feature",
            columns="brand_code",
            values="information_value",
            aggfunc="sum",
        ).reset_index()


def run_woe(
    conn: Connection,
    as_of: date | None = None,
    *,
    refit: bool = False,
    config: WoeConfig | None = None,
) -> Fitted:
    """Fit the bins of the last month end up to `as_of`; they stay for the month.

    With `refit` they are replaced. Inputs that teach nothing leave earlier bins in use,
    and the reason says why.
    """
    with conn.transaction():
        conn.execute("select pg_advisory_xact_lock(hashtextextended('ml.woe', 0))")
        base_date = scoring_date(conn, as_of)
        if base_date is None:
            reason = "No month with purchases is over yet."
            return Fitted("skipped", reason, None, pd.DataFrame())
        there = read_frame(
            conn, "select * from ml.woe_bins where base_date = %s", [base_date]
        )
        if len(there) and not refit:
            return Fitted("kept", "The month has its bins.", base_date, there)
        frames = model_frames(conn, REPURCHASE)
        try:
            bins = fit_woe(frames["features"], frames["labels"], config)
        except ModelError as error:
            return Fitted("skipped", str(error), base_date, pd.DataFrame())
        conn.execute("delete from ml.woe_bins where base_date = %s", [base_date])
        rows = bins.assign(
            base_date=base_date,
            code_version=code_version(WOE),
            fitted_at=datetime.now(UTC),
        )
        copy_frame(conn, "ml.woe_bins", rows)
    return Fitted("fitted", "Fitted.", base_date, bins)
