"""Customers as rows of numbers, and as marks: what ALS and the trees read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from ml.errors import EmptyInputError, InvalidInputError, MissingColumnError
from ml.lookalike.config import LookalikeConfig

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

KEYS = ("base_date", "customer_id")
# The obvious rule: whoever spends most looks most like any audience.
SPEND = "goods_amount_365d"


@dataclass(frozen=True)
class People:
    """Customers of one base_date in the order of their ids.

    `numbers` has a row per customer and a column per name in `columns` (NaN where it is
    unknown; a text is a column of 0 and 1 per value); `amounts` and `days` say for each
    of `traits` (kind and code, say ("category", "SOUP")) what each customer spent there
    and on how many days they were seen there.
    """

    ids: Ints
    columns: tuple[str, ...]
    numbers: Floats
    traits: tuple[tuple[str, str], ...]
    amounts: sparse.csr_matrix
    days: sparse.csr_matrix
    spend: Floats

    def __len__(self) -> int:
        return len(self.ids)

    def without(self, hidden: npt.NDArray[np.int64]) -> People:
        """Return the same people as if the traits at the places `hidden` were unknown.

        Spend keeps them: the obvious rule is not made weaker than it is.
        """
        kept = np.setdiff1d(np.arange(len(self.traits)), hidden)
        return People(
            self.ids,
            self.columns,
            self.numbers,
            tuple(self.traits[at] for at in kept),
            self.amounts[:, kept],
            self.days[:, kept],
            self.spend,
        )

    def sample(self, size: int, seed: int) -> People:
        """Return at most `size` of them, drawn by `seed`."""
        if len(self) <= size:
            return self
        drawn = np.random.default_rng(seed).choice(len(self), size, replace=False)
        return self.only(np.sort(drawn))

    def only(self, at: Ints) -> People:
        """Return those at the places `at`, in their order."""
        return People(
            self.ids[at],
            self.columns,
            self.numbers[at],
            self.traits,
            self.amounts[at],
            self.days[at],
            self.spend[at],
        )


def people(features: pd.DataFrame, traits: pd.DataFrame) -> People:
    """Return the people of feat_lookalike and feat_lookalike_traits.

    `features`: one row per customer, numbers, booleans and texts. `traits`: one row per
    customer, kind and code (category, channel, brand, campaign) with goods_amount and
    day_count. A column that holds one thing only, or nothing, is left out. Raises
    ModelError subclasses for missing columns, two base_dates, a customer twice, nobody.
    """
    _require(features, [*KEYS, SPEND], "feat_lookalike")
    _require(
        traits,
        [*KEYS, "kind", "code", "goods_amount", "day_count"],
        "feat_lookalike_traits",
    )
    if features.empty:
        raise EmptyInputError("feat_lookalike holds no row: nobody to compare.")
    if features["base_date"].nunique() != 1:
        raise InvalidInputError("feat_lookalike holds more than one base_date.")
    if features["customer_id"].duplicated().any():
        raise InvalidInputError("feat_lookalike holds a customer twice.")
    rows = features.sort_values("customer_id", ignore_index=True)
    names, columns = _numbers(rows.drop(columns=list(KEYS)))
    ids = rows["customer_id"].to_numpy(dtype=np.int64)
    names_of, amounts, days = _traits(traits, ids)
    return People(
        ids=ids,
        columns=names,
        numbers=columns,
        traits=names_of,
        amounts=amounts,
        days=days,
        spend=np.nan_to_num(rows[SPEND].to_numpy(dtype=np.float64, na_value=np.nan)),
    )


def marks(those: People, config: LookalikeConfig) -> sparse.csr_matrix:
    """Return customers x marks, all of it above 0: what implicit ALS factorises.

    A number is one mark of its equal-mass bin (missing: no mark), a trait a mark that
    grows with the logarithm of days and money spent in it. Marks that nearly
    everybody has weigh less (inverse frequency).
    """
    parts = [
        _bins(those.numbers[:, at], config.number_bins)
        for at in range(len(those.columns))
    ]
    bought = those.amounts.copy()
    bought.data = np.log1p(np.maximum(bought.data, 0.0))
    often = those.days.copy()
    often.data = np.log1p(often.data)
    wide = np.asarray((often > 0).sum(axis=0)).ravel() >= config.min_holders
    parts.append((bought + often)[:, np.flatnonzero(wide)])
    matrix = sparse.hstack(parts, format="csr", dtype=np.float32)
    holders = np.asarray((matrix > 0).sum(axis=0)).ravel()
    weights = np.log1p(len(those) / np.maximum(holders, 1)).astype(np.float32)
    weighted = matrix @ sparse.diags(weights)
    result = sparse.csr_matrix(weighted, dtype=np.float32)
    result.eliminate_zeros()
    return result


def _numbers(rows: pd.DataFrame) -> tuple[tuple[str, ...], Floats]:
    found: dict[str, Floats] = {}
    for name in rows:
        column = rows[name]
        if pd.api.types.is_numeric_dtype(column) or column.isna().all():
            found[str(name)] = column.to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            for kind in sorted(map(str, column.dropna().unique())):
                is_kind = column.eq(kind).fillna(value=False)
                found[f"{name}={kind}"] = is_kind.to_numpy().astype(np.float64)
    kept = {
        name: column
        for name, column in found.items()
        if len(np.unique(column[~np.isnan(column)])) > 1
    }
    empty = np.empty((len(rows), 0))
    return tuple(kept), np.column_stack(list(kept.values())) if kept else empty


def _traits(
    traits: pd.DataFrame, ids: Ints
) -> tuple[tuple[tuple[str, str], ...], sparse.csr_matrix, sparse.csr_matrix]:
    rows = traits[traits["customer_id"].isin(ids)].dropna(subset=["kind", "code"])
    named = pd.MultiIndex.from_frame(rows[["kind", "code"]].astype(str))
    place, found = named.factorize(sort=True)
    at = np.searchsorted(ids, rows["customer_id"].to_numpy(dtype=np.int64)), place
    shape = (len(ids), len(found))
    amounts, days = (
        sparse.csr_matrix(
            (rows[column].to_numpy(dtype=np.float64), at), shape=shape, dtype=np.float64
        )
        for column in ("goods_amount", "day_count")
    )
    return tuple(found), amounts, days


def _bins(column: Floats, bins: int) -> sparse.csr_matrix:
    known = ~np.isnan(column)
    steps = np.arange(1, bins) / bins
    edges = np.unique(np.quantile(column[known], steps, method="lower"))
    at = np.searchsorted(edges, column[known], side="left")
    ones = np.ones(int(known.sum()))
    rows = np.flatnonzero(known)
    return sparse.csr_matrix((ones, (rows, at)), shape=(len(column), len(edges) + 1))


def _require(frame: pd.DataFrame, columns: list[str], name: str) -> None:
    missing = [column for column in columns if column not in frame]
    if missing:
        raise MissingColumnError(f"{name} lacks {', '.join(missing)}.")
