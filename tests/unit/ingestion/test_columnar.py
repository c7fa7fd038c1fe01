"""Parquet files: every type as the text a channel's own file would show."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.unit.ingestion.reading import Read, read, table
from warehouse.errors import QuanyuError

CONTRACT = table("id value", format="parquet", files=["things_*.parquet"])


def stored(values: pa.Array, **options: object) -> bytes:
    sink = io.BytesIO()
    ids = pa.array([f"k{at}" for at in range(len(values))])
    parquet.write_table(pa.table({"id": ids, "value": values}), sink, **options)
    return sink.getvalue()


def landed(values: pa.Array) -> list[str | None]:
    found: Read = read(stored(values), CONTRACT)
    assert not found.quarantined
    return [row["value"] for row in found.rows.values()]


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pa.array(["茶", "", None]), ["茶", None, None]),
        (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
        (pa.array([b"abc"]), ["abc"]),
        (pa.array([2**63, 0], pa.uint64()), ["9223372036854775808", "0"]),
        (pa.array([1.1, -1e308]), ["1.1", "-1e+308"]),
        (pa.array([True, None]), ["true", None]),
        (
            pa.array([Decimal("0.0000001"), Decimal("-12.50")], pa.decimal128(20, 7)),
            ["0.0000001", "-12.5000000"],
        ),
        (pa.array([date(1, 1, 1), date(9999, 12, 31)]), ["0001-01-01", "9999-12-31"]),
        (
            pa.array([datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)]),
            ["0001-01-01 00:00:00", "9999-12-31 23:59:59"],
        ),
        (pa.array([datetime(2017, 1, 1, 0, 0, 0, 5)]), ["2017-01-01 00:00:00.000005"]),
        (
            pa.array([datetime(2017, 1, 1, 16, tzinfo=UTC)], pa.timestamp("ms", "UTC")),
            ["2017-01-02 00:00:00"],
        ),
        (pa.array([[1, 2], None]), ["[1, 2]", None]),
        (pa.array([{"甲": 1.5}]), ['{"甲": 1.5}']),
    ],
)
def test_values_as_text(values: pa.Array, texts: list[str | None]) -> None:
    assert landed(values) == texts


def test_rows_that_text_cannot_hold_go_to_quarantine() -> None:
    raw = pa.array([b"good", b"\xff\xfe", b"a\0b", b"fine"]).view(pa.string())
    found = read(stored(raw), CONTRACT)
    assert [row["value"] for row in found.rows.values()] == ["good", "fine"]
    assert list(found.rows) == [1, 4]
    assert found.reasons == {2: "undecodable", 3: "nul_byte"}
    assert rb"\xff\xfe" in found.quarantined[2][1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PAR1 and nothing more", "orders_1.csv is not readable as Parquet"),
        (stored(pa.array(["a" * 1000]))[:-20], "is not readable as Parquet"),
    ],
)
def test_damaged_files_are_refused(content: bytes, message: str) -> None:
    with pytest.raises(QuanyuError, match=message):
        read(content, CONTRACT)


def test_a_missing_column_is_named() -> None:
    contract = CONTRACT.model_copy(update={"required": ("id", "value", "at")})
    with pytest.raises(QuanyuError, match="Column at is missing from 2017-01-01"):
        read(stored(pa.array([1])), contract)
