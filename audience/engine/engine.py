"""Answers about audiences, exactly, over the columnar copy.

An audience is a condition, in the words of a segment file (audience/predicates.py). No
text reaches DuckDB but what is written anew from its checked tree, and this DuckDB can
read the copy and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import sqlglot
from sqlglot import exp

from audience.condition import Condition
from audience.engine.copy import CHANNELS, PROTECTED, STANDING, Copy, current_copy
from audience.engine.dialects import to_duckdb
from audience.predicates import parse_predicate
from audience.saved_predicates import add_saved
from audience.vocabulary import Vocabulary
from warehouse.errors import QuanyuError

_OFFLINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
# The protection of who is held out: the first 32 bits of md5(salt:customer_id).
_HELD_OUT = sqlglot.parse_one(
    "case when cast('0x' || left(md5(? || customer_id), 8) as ubigint) % 10000 < ?"
    f" then {PROTECTED} else 0 end",
    dialect="duckdb",
)

# Audiences whose bits stay in memory: 32 MB for a million people.
KEPT = 256

Mask = np.ndarray[Any, np.dtype[np.bool_]]
Bits = np.ndarray[Any, np.dtype[np.uint64]]


@dataclass(frozen=True)
class Holdout:
    """Who a sync never sends, to measure what sending does (docs/activation.md)."""

    salt: str
    percent: float


@dataclass(frozen=True)
class Estimate:
    """How many people a condition selects, and what is left of them to be sent to.

    `reachable`: by channel, consent given and a contact point there. `left` and
    `reachable_left`: the same without who is protected from marketing or held out.
    """

    selected: int
    reachable: dict[str, int]
    left: int
    reachable_left: dict[str, int]


class Engine:
    """An open copy and a DuckDB over it; keep it, and answers take milliseconds."""

    def __init__(
        self,
        copy: Copy,
        vocabulary: Vocabulary | None = None,
        *,
        threads: int | None = None,
    ) -> None:
        """Open a copy; without a vocabulary its own columns are known."""
        self.copy = copy
        self.vocabulary = vocabulary or copy.vocabulary()
        self._bits: dict[str, Bits] = {}
        self.duckdb = duckdb.connect(config=_OFFLINE)
        if threads:
            self.duckdb.execute("set threads = ?", [threads])
        # Footers of hundreds of columns are read once.
        self.duckdb.execute("set parquet_metadata_cache = true")
        self.duckdb.execute("set allowed_directories = ?", [[str(copy.folder)]])
        self.duckdb.execute("set enable_external_access = false")
        # No view: it would bind all columns for every question about three.
        file = exp.Literal.string(str(copy.people_file))
        self.people = exp.Table(this=exp.func("read_parquet", file))
        self.duckdb.execute("set lock_configuration = true")

    @classmethod
    def open(cls, project: Path, *, threads: int | None = None) -> Engine:
        """Open the current copy with the saved predicates of a dbt project."""
        copy = current_copy()
        vocabulary = copy.vocabulary()
        add_saved(vocabulary, project)
        return cls(copy, vocabulary, threads=threads)

    def parse(self, text: str) -> Condition:
        """Return the condition a text says; PredicateError when it says none."""
        return parse_predicate(text, self.vocabulary)

    def estimate(self, text: str, holdout: Holdout | None = None) -> Estimate:
        """Count whom a condition selects, by channel, with and without protection.

        With the holdout of a sync who is held out is not left either.
        """
        standing: exp.Expr = exp.column(STANDING)
        given: list[object] = []
        if holdout and holdout.percent:
            standing = exp.BitwiseOr(this=standing, expression=_HELD_OUT.copy())
            given = [f"{holdout.salt}:", round(holdout.percent * 100)]
        found = self._run(
            exp.select(exp.alias_(standing, "bits"), exp.Count(this=exp.Star()))
            .from_(self.people)
            .where(self._where(text), copy=False)
            .group_by(exp.column("bits")),
            given,
        ).fetchall()
        return Estimate(
            selected=_sum(found, 0, 0),
            reachable={
                channel: _sum(found, 1 << number, 1 << number)
                for number, channel in enumerate(CHANNELS)
            },
            left=_sum(found, PROTECTED, 0),
            reachable_left={
                channel: _sum(found, PROTECTED | 1 << number, 1 << number)
                for number, channel in enumerate(CHANNELS)
            },
        )

    def masks(self, texts: Sequence[str]) -> list[Mask]:
        """Return whom each condition selects, in the order of the copy's rows."""
        if not texts:
            return []
        columns = [
            exp.alias_(
                exp.Coalesce(this=self._where(text), expressions=[exp.false()]),
                f"c{number}",
            )
            for number, text in enumerate(texts)
        ]
        found = self._run(exp.select(*columns).from_(self.people)).fetchnumpy()
        return [np.asarray(found[f"c{number}"]) for number in range(len(texts))]

    def overlap(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Return how many people every two of these audiences share.

        The diagonal is the size of each. Sets are bits: 64 people at a time. They are
        kept once they were asked for, a byte for eight people, the newest KEPT of them:
        a copy does not change.
        """
        new = [text for text in texts if text not in self._bits]
        for text, mask in zip(new, self.masks(new), strict=True):
            self._bits[text] = _packed(mask)
        bits = [self._bits[text] for text in texts]
        for text in list(self._bits)[:-KEPT]:
            del self._bits[text]
        shared = np.zeros((len(bits), len(bits)), np.int64)
        for row, one in enumerate(bits):
            for column in range(row, len(bits)):
                count = np.bitwise_count(one & bits[column]).sum(dtype=np.int64)
                shared[row, column] = shared[column, row] = count
        return shared

    def _where(self, text: str) -> exp.Expr:
        return to_duckdb(self.parse(text).tree, self.copy.base_date)

    def _run(
        self, query: exp.Select, given: Sequence[object] = ()
    ) -> duckdb.DuckDBPyConnection:
        try:
            return self.duckdb.execute(query.sql(dialect="duckdb"), given)
        except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
            raise QuanyuError(
                "This condition reckons with numbers too large for their type: "
                f"{str(error).splitlines()[0]}"
            ) from error
        except duckdb.IOException as error:
            raise QuanyuError(
                "The columnar copy was replaced meanwhile: ask again."
            ) from error


def _sum(found: list[tuple[int, int]], mask: int, wanted: int) -> int:
    return sum(count for standing, count in found if standing & mask == wanted)


def _packed(mask: Mask) -> Bits:
    octets = np.packbits(mask)
    return np.pad(octets, (0, -len(octets) % 8)).view(np.uint64)
