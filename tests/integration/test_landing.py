"""Landing against a real PostgreSQL: what lands, once, and what does not."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from ingestion import block, landing
from ingestion.contract import Column, load_contracts
from ingestion.landing import ensure_raw_tables, load_directory
from ingestion.report import LoadReport, Progress, RefusedFiles
from tests.integration.landing_drops import (
    csv_bytes,
    events,
    good_drops,
    jsonl_bytes,
    orders,
    state,
    stores,
    trades,
    write,
)
from warehouse.connection import connect
from warehouse.errors import QuanyuError

LONG = "x" * 10_000_000


def load(url: str, directory: Path) -> LoadReport:
    with connect(url) as conn:
        return load_directory(conn, directory)


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with connect(url) as conn:
        return conn.execute(query.encode()).fetchall()


def test_files_land_as_they_are_and_once(database: str, tmp_path: Path) -> None:
    good_drops(tmp_path)
    seen: list[Progress] = []
    with connect(database) as conn:
        report = load_directory(conn, tmp_path, seen.append)
    assert (report.files, report.rows, report.quarantined) == (12, 366, 1)
    assert report.completed_drops == [date(2017, 1, day) for day in (1, 2, 3)]
    assert report.metadata("raw_tmall", "orders")["rows"] == 120
    assert report.metadata("raw_tmall", "refunds")["rows"] == 0
    assert seen[-1].bytes_done == seen[-1].bytes_total > 0

    landed = state(database)
    found = rows(
        database,
        'select _row_no, "店铺ID", "订单编号", "买家OUID", "订单状态", "订单创建时间",'
        ' "收货人姓名" from raw_tmall.orders where _file_id = 2 order by _row_no',
    )
    text = orders(1).decode("gb18030")
    expected = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert [list(row) for row in found] == [
        [at, *values] for at, values in enumerate(expected, 1)
    ]
    assert rows(
        database,
        "select full_order_info -> 'orders' -> 0 ->> 'title' from raw_youzan.trades"
        " where tid = 'E00000002000000000007'",
    ) == [("奶粉",)]
    assert rows(
        database, "select num from raw_youzan.events where event_id = '3-49'"
    ) == [("49",)]
    assert rows(database, "select reason, content from landing.raw_quarantine") == [
        ("torn_line", b'1,"half a li')
    ]

    (tmp_path / "2017-01-03/tmall/orders_3.csv").rename(
        tmp_path / "2017-01-03/tmall/orders_again.csv"
    )
    again = load(database, tmp_path)
    assert (again.files, again.known_files, again.load_id) == (0, 12, None)
    assert state(database) == landed
    assert rows(database, "select count(*) from landing.loads") == [(1,)]


def test_new_files_of_a_known_drop_land(database: str, tmp_path: Path) -> None:
    good_drops(tmp_path, days=1)
    load(database, tmp_path)
    write(tmp_path, {"2017-01-01/tmall/orders_late.csv": orders(9)})
    report = load(database, tmp_path / "2017-01-01")
    assert (report.files, report.rows, report.load_id) == (1, 40, 2)
    assert rows(database, "select max(_file_id), count(*) from raw_tmall.orders") == [
        (5, 80)
    ]


def test_unknown_columns_are_kept_and_absent_ones_are_null(
    database: str, tmp_path: Path
) -> None:
    content = csv_bytes(
        ["new", "store_code", "name", ""],
        [["1", "S1", "一号店", ""], ["", "S2", "", ""], ["", "S3", "x", '"\\']],
    )
    trade = {"kdt_id": "k", "tid": "E1", "full_order_info": 1.50, "more": {"a": [1.50]}}
    write(
        tmp_path,
        {
            "2017-01-01/pos/stores_1.csv": content,
            "2017-01-01/youzan/trades_1.jsonl": jsonl_bytes([trade]),
        },
    )
    load(database, tmp_path)
    assert rows(
        database,
        "select store_code, name, status, _extra from raw_pos.stores order by _row_no",
    ) == [
        ("S1", "一号店", None, {"new": "1"}),
        ("S2", None, None, None),
        ("S3", "x", None, {"column_4": '"\\'}),
    ]
    assert rows(
        database,
        "select full_order_info::text, update_time, _extra from raw_youzan.trades",
    ) == [("1.5", None, {"more": json.dumps({"a": [1.5]})})]


def test_a_file_in_many_parts_lands_as_in_one(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good_drops(tmp_path / "parts")
    monkeypatch.setattr("ingestion.reader.BLOCK_BYTES", 100)
    monkeypatch.setattr(block, "BLOCK_BYTES", 100)
    monkeypatch.setattr("ingestion.columnar.ROWS", 7)
    load(database, tmp_path / "parts")
    in_parts = state(database)
    monkeypatch.undo()
    with connect(database, autocommit=True) as conn:
        for name, found in in_parts.items():
            if found and name != "landing.last_complete_day":
                conn.execute(f"truncate {name} cascade".encode())
        conn.execute("truncate landing.drops")
    load(database, tmp_path / "parts")
    assert state(database) == in_parts


def hostile(day: str) -> dict[str, bytes]:
    header = "店铺ID,订单编号,买家OUID,订单状态,订单创建时间,收货人姓名"
    line = "tmall_market,1,u,s,0001-01-01 00:00:00,"
    nested = '{"kdt_id": 1, "tid": "E1", "full_order_info": %s}\n'
    quotes = f'{header}\n{line}"a\nb"\n{line}"open\n{line}x\n'
    gb18030 = [one.encode("gb18030") for one in (f"{header}\n{line}甲\n{line}", "乙\n")]
    return {
        f"{day}/tmall/orders_bad_bytes.csv": (b"\xff\xff\n" + line.encode()).join(
            gb18030
        ),
        f"{day}/tmall/orders_quotes.csv": quotes.encode(),
        f"{day}/tmall/orders_nul.csv": f"{header}\n{line}\0\n{line}\n".encode(),
        f"{day}/tmall/orders_long.csv": f"{header}\n{line}{LONG}\n".encode(),
        f"{day}/tmall/orders_empty.csv": b"",
        f"{day}/tmall/orders_header_only.csv": header.encode(),
        f"{day}/youzan/trades_deep.jsonl": "".join(
            [
                nested % ("[" * 10_000 + "]" * 10_000),
                nested % '"\\u0000"',
                nested % "1e308",
                nested % "-1e99999",
                "[]\n",
            ]
        ).encode(),
        f"{day}/pos/receipts_1.csv": (
            b"store_code,receipt_no,sold_at,receipt_type,goods_amount\n"
            b"S1,1,9999-12-31 23:59:59,SALE,1e308\nS1,2,0001-01-01 00:00:00,SALE,-5\n"
        ),
    }


def refused(day: str) -> dict[str, tuple[bytes, str]]:
    half = gzip.compress(orders(4, 5_000))
    return {
        f"{day}/tmall/orders_torn.csv.gz": (half[: len(half) // 2], "torn or damaged"),
        f"{day}/tmall/orders_twice.csv": (
            orders(1).replace(
                "订单状态".encode("gb18030"), "买家OUID".encode("gb18030")
            ),
            "Column 买家OUID comes twice|Column 订单状态 is missing",
        ),
        f"{day}/tmall/orders_semicolon.csv": (
            orders(1).replace(b",", b";"),
            "orders_semicolon.csv seems separated by ';'",
        ),
        f"{day}/youzan/events_torn.parquet": (
            events(1)[:-50],
            "not readable as Parquet",
        ),
        f"{day}/youzan/trades_short.jsonl": (
            b'{"tid": "E1"}\n',
            "Column kdt_id is missing",
        ),
    }


def test_hostile_lines_are_set_aside_and_all_accounted_for(
    database: str, tmp_path: Path
) -> None:
    write(tmp_path, hostile("2017-01-01"))
    report = load(database, tmp_path)
    assert report.completed_drops == [date(2017, 1, 1)]
    assert rows(
        database,
        "select file_name, landed_row_count, quarantined_row_count from landing.files"
        " order by file_name",
    ) == [
        ("orders_bad_bytes.csv", 2, 1),
        ("orders_empty.csv", 0, 0),
        ("orders_header_only.csv", 0, 0),
        ("orders_long.csv", 1, 0),
        ("orders_nul.csv", 1, 1),
        ("orders_quotes.csv", 2, 1),
        ("receipts_1.csv", 2, 0),
        ("trades_deep.jsonl", 1, 4),
    ]
    assert rows(
        database,
        "select file_name, row_no, reason from landing.raw_quarantine"
        " inner join landing.files using (file_id) order by file_name, row_no",
    ) == [
        ("orders_bad_bytes.csv", 2, "undecodable"),
        ("orders_nul.csv", 1, "nul_byte"),
        ("orders_quotes.csv", 2, "unclosed_quote"),
        ("trades_deep.jsonl", 1, "nested_too_deep"),
        ("trades_deep.jsonl", 2, "nul_byte"),
        ("trades_deep.jsonl", 4, "number_out_of_range"),
        ("trades_deep.jsonl", 5, "not_an_object"),
    ]


@pytest.mark.parametrize("block_bytes", [block.BLOCK_BYTES, 1_000])
def test_refused_files_leave_nothing_and_hold_up_their_drop(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block_bytes: int
) -> None:
    monkeypatch.setattr("ingestion.reader.BLOCK_BYTES", block_bytes)
    monkeypatch.setattr(block, "BLOCK_BYTES", block_bytes)
    good_drops(tmp_path)
    bad = refused("2017-01-02")
    write(tmp_path, {name: content for name, (content, _) in bad.items()})
    with pytest.raises(RefusedFiles, match="5 of the files did not land") as error:
        load(database, tmp_path)
    report = error.value.report
    assert [refusal.name for refusal in report.refused] == sorted(bad)
    assert report.files == 12
    reasons = dict(
        rows(database, "select file_name, reason from landing.refused_files")
    )
    for name, (_, reason) in bad.items():
        found = reasons[name.rpartition("/")[2]]
        assert re.search(reason, found), found
        assert name in found
    assert rows(
        database, "select last_complete_day from landing.last_complete_day"
    ) == [(date(2017, 1, 1),)]
    for name in bad:
        (tmp_path / name).unlink()
    assert load(database, tmp_path).completed_drops == [date(2017, 1, 2)]
    assert rows(
        database, "select last_complete_day from landing.last_complete_day"
    ) == [(date(2017, 1, 3),)]
    assert rows(
        database,
        "select landed_row_count - (select count(*) from raw_tmall.orders)"
        " from (select sum(landed_row_count) as landed_row_count from landing.files"
        " where table_name = 'orders') as landed",
    ) == [(0,)]


def test_one_load_at_a_time(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good_drops(tmp_path, days=1)
    monkeypatch.setattr(landing, "LOCK_TIMEOUT", "50ms")
    with connect(database, autocommit=True) as other:
        other.execute("select pg_advisory_lock(%s)", [landing.LANDING_LOCK])
        with pytest.raises(QuanyuError, match="Another load is under way"):
            load(database, tmp_path)
    assert load(database, tmp_path).files == 4


def test_a_column_new_in_a_contract_is_added(database: str, tmp_path: Path) -> None:
    contracts = dict(load_contracts())
    pos = contracts["pos"]
    wider = [
        table.model_copy(
            update={"columns": {**table.columns, "opened_at": Column(description="x")}}
        )
        if table.table == "stores"
        else table
        for table in pos.tables
    ]
    write(tmp_path, {"2017-01-01/pos/stores_1.csv": stores(1)})
    load(database, tmp_path)
    contracts["pos"] = pos.model_copy(update={"tables": tuple(wider)})
    content = csv_bytes(["store_code", "name", "opened_at"], [["S9", "九", "2017"]])
    write(tmp_path, {"2017-01-02/pos/stores_2.csv": content})
    with connect(database) as conn:
        ensure_raw_tables(conn, contracts)
        load_directory(conn, tmp_path, channels=contracts)
    assert rows(
        database, "select store_code, opened_at from raw_pos.stores order by store_code"
    ) == [("S1", None), ("S2", None), ("S9", "2017")]


def test_the_command_says_what_landed_and_what_did_not(
    database: str, tmp_path: Path
) -> None:
    good_drops(tmp_path, days=1)
    write(tmp_path, {"2017-01-01/tmall/ordres_1.csv": trades(1)})
    write(tmp_path, {"2017-01-01/tmall/orders_\udcff.csv": orders(5)})
    result = CliRunner().invoke(app, ["load", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "raw_youzan.trades" in result.output
    assert "not claimed by any contract: 2017-01-01/tmall/ordres_1.csv" in result.output
    write(tmp_path, {"2017-01-01/pos/stores_2.csv": b"store_code\nS1\n"})
    result = CliRunner().invoke(app, ["load", str(tmp_path)])
    assert result.exit_code == 1
    assert "Column name is missing from 2017-01-01/pos/stores_2.csv" in " ".join(
        result.output.split()
    )
