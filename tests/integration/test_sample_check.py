"""The reckoning finds what is lost, changed, invented or refused for no reason.

The warehouse is filled by hand from the truth, then one thing at a time goes wrong.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from ingestion.landing import load_directory
from ingestion.sample.check import reconcile
from ingestion.sample.generate import SampleOptions, generate, truth_folder
from warehouse.connection import Connection, connect, copy_frame
from warehouse.errors import QuanyuError

DAY = dt.date(2017, 12, 31)
TABLES = """
create schema if not exists marts;
create schema if not exists staging;
create table marts.fct_orders (order_key bigint, order_id text, channel_code text);
create table marts.fct_order_lines (
    order_key bigint, channel_code text, line_id text, goods_amount numeric(18, 2)
);
create table staging.all_rejects (
    channel text, source_table text, record_id text, reject_reason text
);
"""
STAGED = """
create table staging.stg_{0}__orders (order_id text);
create table staging.stg_{0}__order_lines (line_id text);
create table staging.stg_{0}__refunds (refund_id text);
create view staging.stg_{0}__rejects as
select source_table, record_id, reject_reason
from staging.all_rejects where channel = '{0}';
"""
STAGED_TABLES = {
    "orders": "order_id", "order_lines": "line_id", "refunds": "refund_id"
}  # fmt: skip


@pytest.fixture(scope="module")
def drops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("reckoning") / "drops"
    generate(SampleOptions(DAY, DAY, 5, "default", out, households=20))
    return out


@pytest.fixture(scope="module")
def filled(module_database: str, drops: Path) -> str:
    lines = pd.read_parquet(truth_folder(drops) / "lines.parquet")
    injected = pd.read_parquet(truth_folder(drops) / "injected.parquet")
    orders = lines[["order_id", "channel"]].drop_duplicates("order_id")
    orders = orders.reset_index(drop=True)
    key = pd.Series(orders.index, index=orders["order_id"])
    with connect(module_database, autocommit=True) as conn:
        load_directory(conn, drops)
        conn.execute(TABLES)
        copy_frame(
            conn,
            "marts.fct_orders",
            orders.assign(order_key=orders.index).rename(
                columns={"channel": "channel_code"}
            ),
        )
        copy_frame(
            conn,
            "marts.fct_order_lines",
            pd.DataFrame(
                {
                    "order_key": lines["order_id"].map(key),
                    "channel_code": lines["channel"],
                    "line_id": lines["line_id"],
                    "goods_amount": lines["goods_cents"] / 100,
                }
            ),
        )
        refused = injected[injected["expected"].str.startswith("rejected:")]
        copy_frame(
            conn,
            "staging.all_rejects",
            pd.DataFrame(
                {
                    "channel": refused["channel"],
                    "source_table": refused["table"],
                    "record_id": refused["record_id"],
                    "reject_reason": refused["expected"].str.removeprefix("rejected:"),
                }
            ),
        )
        staged = injected[injected["expected"] == "staged"]
        world = json.loads((truth_folder(drops) / "world.json").read_text("utf-8"))
        for channel in sorted({name.split(".")[0] for name in world["rows"]}):
            conn.execute(STAGED.format(channel))
            mine = staged[staged["channel"] == channel]
            for table, column in STAGED_TABLES.items():
                here = mine["staged_in"] == f"{table}.{column}"
                ids = mine.loc[here, ["record_id"]]
                copy_frame(
                    conn,
                    f"staging.stg_{channel}__{table}",
                    ids.rename(columns={"record_id": column}),
                )
    return module_database


@pytest.fixture
def conn(filled: str) -> Iterator[Connection]:
    """What a test does to the warehouse is rolled back."""
    with connect(filled) as conn:
        yield conn
        conn.rollback()


def gaps(conn: Connection, drops: Path) -> dict[str, int]:
    return {row.what: row.unaccounted for row in reconcile(conn, drops)}


def test_a_whole_warehouse_has_no_gaps(conn: Connection, drops: Path):
    found = gaps(conn, drops)
    assert set(found.values()) == {0}
    assert {"rejected: duplicate", "broken lines in quarantine"} <= set(found)


@pytest.mark.parametrize(
    ("accident", "what"),
    [
        (
            "delete from marts.fct_order_lines where ctid = "
            "(select min(ctid) from marts.fct_order_lines)",
            "source lines in fct_order_lines",
        ),
        (
            "update marts.fct_order_lines set goods_amount = goods_amount + 0.01 "
            "where ctid = (select min(ctid) from marts.fct_order_lines)",
            "goods amount of source lines, yuan",
        ),
        (
            "insert into marts.fct_order_lines "
            "select order_key, channel_code, 'nobody', 1 from marts.fct_order_lines "
            "limit 1",
            "lines that nobody bought or added",
        ),
        ("delete from staging.stg_tmall__orders", "orders: unpaid"),
        ("delete from staging.stg_pos__refunds", "refunds: return"),
        (
            "update staging.all_rejects set reject_reason = 'odd' where ctid = "
            "(select min(ctid) from staging.all_rejects)",
            "rejected: odd",
        ),
        ("delete from landing.raw_quarantine", "broken lines in quarantine"),
    ],
)
def test_an_accident_is_found(conn: Connection, drops: Path, accident: str, what: str):
    conn.execute(accident)
    assert gaps(conn, drops)[what] > 0


def test_two_errors_in_money_do_not_cancel(conn: Connection, drops: Path):
    conn.execute(
        """
        with two as (
            select ctid, row_number() over (order by line_id) as place
            from marts.fct_order_lines where goods_amount > 1
            order by line_id limit 2
        )
        update marts.fct_order_lines as lines
        set goods_amount = goods_amount + case two.place when 1 then 1 else -1 end
        from two where two.ctid = lines.ctid
        """
    )
    assert gaps(conn, drops)["goods amount of source lines, yuan"] == 2


def test_a_folder_without_truth_is_named(conn: Connection, tmp_path: Path):
    with pytest.raises(QuanyuError, match="quanyu sample --out"):
        reconcile(conn, tmp_path / "drops")


def test_a_warehouse_without_marts_is_named(conn: Connection, drops: Path):
    conn.execute("drop table marts.fct_order_lines")
    with pytest.raises(QuanyuError, match="quanyu run"):
        reconcile(conn, drops)
