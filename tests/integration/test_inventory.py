"""The inventory of really landed files, by the project's own manifest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from psycopg import sql
from typer.testing import CliRunner

from cli.main import app
from ingestion import inventory
from ingestion.contract import load_contracts
from ingestion.inventory import TableEntry, save, take
from ingestion.landing import load_directory
from orchestration.inventory import shown
from tests.integration.landing_drops import good_drops, jsonl_bytes, write
from warehouse.connection import Connection
from warehouse.dbt import read_manifest


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return read_manifest()


@pytest.fixture
def landed(conn: Connection, tmp_path: Path) -> Connection:
    drops = good_drops(tmp_path / "landing")
    trade = {"kdt_id": "a", "tid": "E1", "full_order_info": {}, "new_field": "x"}
    write(drops, {"2017-01-03/youzan/trades_new.jsonl": jsonl_bytes([trade])})
    load_directory(conn, drops)
    conn.commit()
    return conn


def of(tables: list[TableEntry], channel: str, table: str) -> TableEntry:
    return next(one for one in tables if (one.channel, one.table) == (channel, table))


def test_every_table_and_column_of_the_contracts_is_in_it(
    landed: Connection, manifest: dict[str, Any]
) -> None:
    tables = take(landed, manifest)
    assert [(one.channel, one.table) for one in tables] == [
        (channel.channel, table.table)
        for channel in load_contracts().values()
        for table in channel.tables
    ]
    orders = of(tables, "tmall", "orders")
    in_raw = landed.execute(
        'select count(*), count("订单编号"), count("支付单号") from raw_tmall.orders'
    ).fetchone()
    assert in_raw is not None
    filled = {one.column: one.fill_rate for one in orders.columns}
    assert orders.rows == orders.measured_rows == in_raw[0] > 0
    assert filled["订单编号"] == in_raw[1] / in_raw[0] == 1
    assert filled["支付单号"] == in_raw[2] / in_raw[0] == 0
    assert (str(orders.last_drop), orders.days_since) == ("2017-01-03", 0)
    never = of(tables, "tmall", "points")
    assert (never.rows, never.files, never.last_drop) == (0, 0, None)
    assert {one.fill_rate for one in never.columns} == {None}


def test_columns_that_no_contract_knows_are_named(
    landed: Connection, manifest: dict[str, Any]
) -> None:
    trades = of(take(landed, manifest), "youzan", "trades")
    assert trades.unknown == ["new_field"]
    assert trades.columns[-1].fill_rate == 1 / trades.rows
    assert "new_field (in no contract)" in trades.as_markdown()


def test_keys_are_read_and_usage_differs(
    landed: Connection, manifest: dict[str, Any]
) -> None:
    tables = take(landed, manifest)
    usages = {
        (one.channel, one.table, column.column): column.usage
        for one in tables
        for column in one.columns
    }
    for key in (
        *(("tmall", "orders", "订单编号"), ("youzan", "trades", "full_order_info")),
        *(("pos", "receipts", "receipt_no"), ("youzan", "events", "occurred_at")),
    ):
        assert usages[key] == "read"
    assert usages["tmall", "order_lines", "更新时间"] == "checked"
    assert set(usages.values()) == {"read", "checked", "unused"}


def test_a_sample_of_a_big_table_is_near_the_whole(
    landed: Connection, manifest: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    landed.execute(
        "insert into raw_pos.stores (_file_id, _row_no, _load_id, store_code, name)"
        " select 1, row_no, 1, 'S', case when row_no % 4 = 0 then 'n' end"
        " from generate_series(1, 200000) as row_no"
    )
    landed.execute(
        "update landing.files set landed_row_count = landed_row_count + 200000"
        " where file_id = (select min(file_id) from landing.files"
        " where table_name = 'stores')"
    )
    monkeypatch.setattr(inventory, "MEASURED_ROWS", 40_000)
    stores = of(take(landed, manifest), "pos", "stores")
    filled = {one.column: one.fill_rate for one in stores.columns}
    assert 20_000 < stores.measured_rows < 60_000 < stores.rows
    assert filled["name"] == pytest.approx(0.25, abs=0.01)


def test_it_is_kept_whole_and_only_once(
    landed: Connection, manifest: dict[str, Any]
) -> None:
    tables = take(landed, manifest)
    save(landed, tables)
    save(landed, tables)
    for name, rows in (
        ("inventory_tables", len(tables)),
        ("inventory_columns", sum(len(one.columns) for one in tables)),
    ):
        kept = landed.execute(
            sql.SQL("select count(*) from {}").format(sql.Identifier("landing", name))
        ).fetchone()
        assert kept == (rows,)
    kept = landed.execute(
        "select is_in_contract, usage from landing.inventory_columns"
        " where column_name = 'new_field'"
    ).fetchone()
    assert kept == (False, "unused")


def test_a_person_sees_it(landed: Connection) -> None:
    def quanyu(*arguments: str) -> tuple[int, str]:
        runner = CliRunner(env={"COLUMNS": "160"})
        result = runner.invoke(app, ["inventory", *arguments])
        return result.exit_code, result.output

    code, said = quanyu()
    assert code == 0
    assert all(channel in said for channel in load_contracts())
    assert "youzan.trades brings new_field" in said
    assert "订单编号" in quanyu("--channel", "tmall")[1]
    tables = json.loads(quanyu("--json", "--channel", "pos")[1])
    assert {one["channel"] for one in tables} == {"pos"}
    names = quanyu("--unused", "--channel", "tmall")[1].split()
    assert names
    assert all(name.startswith("raw_tmall.") for name in names)
    code, said = quanyu("--channel", "nobody")
    assert (code, "no channel nobody: there are" in said) == (1, True)


def test_an_asset_shows_its_table(landed: Connection, manifest: dict[str, Any]) -> None:
    entry = of(take(landed, manifest), "tmall", "orders")
    metadata = shown(entry)
    assert metadata["landed_rows"] == entry.rows
    assert metadata["last_drop"] == "2017-01-03"
    assert isinstance(metadata["columns"], dg.MarkdownMetadataValue)
    assert "| 订单编号 | read | 100.0% |" in (metadata["columns"].value or "")
    assert shown(None) == {}
