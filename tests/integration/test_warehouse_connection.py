"""COPY in and out, migrations, time zone: on a real database."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import psycopg
import pytest
from psycopg import sql

from warehouse import migrate
from warehouse.connection import (
    Connection,
    connect,
    copy_csv,
    copy_frame,
    copy_rows,
    read_frame,
)
from warehouse.errors import QuanyuError

TABLE = """
create table public.items (
    item_id bigint,
    name text,
    seen_at timestamptz,
    price_amount numeric(18, 2),
    is_gift boolean,
    sold_on date
)
"""


@pytest.fixture
def items(conn: Connection) -> Connection:
    conn.execute(TABLE)
    return conn


def test_rows_are_copied_as_they_are(items: Connection) -> None:
    rows = [(1, 'tab\t"quote"\\ 全域'), (2, ""), (3, None)]
    assert copy_rows(items, "public.items", ["item_id", "name"], rows) == 3
    found = items.execute("select item_id, name from items order by 1").fetchall()
    assert found == rows


def test_csv_tells_null_from_empty(items: Connection) -> None:
    chunks = [b'1,"a,\nb"\n2,', b'\n3,""\n']
    assert copy_csv(items, "public.items", ["item_id", "name"], chunks) == 3
    found = items.execute("select name from items order by item_id").fetchall()
    assert found == [("a,\nb",), (None,), ("",)]


def test_a_frame_survives_the_round(items: Connection) -> None:
    frame = pd.DataFrame(
        {
            "item_id": pd.array([2**60 + 1, None, 3], dtype="Int64"),
            "name": pd.Categorical(['x,"\n', "", None]),
            "seen_at": pd.to_datetime(["2017-01-01T08:00:00.5+08:00", None, None]),
            "price_amount": [1.25, None, 3.0],
            "is_gift": [True, False, None],
            "sold_on": [dt.date(2017, 1, 1), None, None],
        }
    )
    assert copy_frame(items, "public.items", frame) == 3
    found = read_frame(
        items, "select * from public.items where item_id > %s or item_id is null", [0]
    )
    assert sorted(found["item_id"].dropna()) == [3, 2**60 + 1]
    first = found[found["item_id"] == 2**60 + 1].iloc[0]
    assert first["name"] == 'x,"\n'
    assert first["seen_at"] == pd.Timestamp("2017-01-01 08:00:00.5", tz="Asia/Shanghai")
    assert first["price_amount"] == 1.25
    assert bool(first["is_gift"]) is True
    assert first["sold_on"] == pd.Timestamp("2017-01-01")
    assert list(found["name"].isna()) == [False, False, True]


def test_a_frame_without_rows_keeps_its_types(items: Connection) -> None:
    query = sql.SQL("select item_id, name, sold_on, array[1] as parts from {}")
    found = read_frame(items, query.format(sql.Identifier("public", "items")))
    kinds = [column.dtype.kind for _, column in found.items()]
    assert kinds[0] == "i"
    assert kinds[2] == "M"
    assert len(found) == 0


def test_days_are_those_of_shanghai(conn: Connection) -> None:
    moment = "timestamptz '2017-01-01 17:00+00'"
    found = conn.execute(f"select cast({moment} as date)").fetchone()
    assert found == (dt.date(2017, 1, 2),)


def test_only_a_durable_session_waits_for_the_disk(database: str) -> None:
    with connect() as durable, connect(durable=False) as quick:
        assert durable.execute("show synchronous_commit").fetchone() == ("on",)
        assert quick.execute("show synchronous_commit").fetchone() == ("off",)


def test_a_migration_runs_once_and_is_not_edited_after(
    conn: Connection, tmp_path: Path
) -> None:
    conn.commit()
    path = tmp_path / "9001_made_up.sql"
    path.write_text("create schema made_up; create table made_up.one (entry int);")
    assert migrate.apply(conn, tmp_path) == ["9001_made_up.sql"]
    assert migrate.apply(conn, tmp_path) == []
    path.write_text("drop schema made_up cascade;")
    with pytest.raises(QuanyuError, match=r"9001_made_up\.sql was changed"):
        migrate.apply(conn, tmp_path)


def test_a_broken_migration_leaves_nothing(conn: Connection, tmp_path: Path) -> None:
    path = tmp_path / "9001_broken.sql"
    path.write_text("create schema broken; select 1 / 0;")
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate.apply(conn, tmp_path)
    found = conn.execute("select to_regnamespace('broken')").fetchone()
    assert found == (None,)
    path.write_text("create schema broken;")
    assert migrate.apply(conn, tmp_path) == ["9001_broken.sql"]
