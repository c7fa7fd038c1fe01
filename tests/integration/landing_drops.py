"""Small landing directories of every format, and what a warehouse holds of them."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
from psycopg import sql
from pyarrow import parquet

from ingestion.contract import load_contracts
from warehouse.connection import connect

LEDGER = {
    "landing.files": [
        *("file_id", "channel_code", "table_name", "drop_date", "file_name"),
        *("content_sha256", "byte_count", "landed_row_count", "quarantined_row_count"),
    ],
    "landing.raw_quarantine": ["file_id", "row_no", "reason", "detail", "content"],
    "landing.last_complete_day": ["last_complete_day"],
}


def csv_bytes(
    header: list[str], rows: list[list[str]], encoding: str = "utf-8"
) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([header, *rows])
    return text.getvalue().encode(encoding)


def jsonl_bytes(objects: list[dict[str, Any]]) -> bytes:
    return "".join(
        json.dumps(one, ensure_ascii=False) + "\n" for one in objects
    ).encode()


def parquet_bytes(columns: dict[str, list[Any]]) -> bytes:
    sink = io.BytesIO()
    parquet.write_table(pa.table(columns), sink)
    return sink.getvalue()


ORDERS = ["店铺ID", "订单编号", "买家OUID", "订单状态", "订单创建时间", "收货人姓名"]


def orders(day: int, count: int = 40, encoding: str = "gb18030") -> bytes:
    at_noon = f"2017-01-{day:02} 12:00:00"
    rows = [
        [
            *("tmall_market", f"{day:09}{at:010}", f"u{at % 7}", "交易成功", at_noon),
            f'王"{at}",\n先生' if at % 5 == 0 else "李",
        ]
        for at in range(count)
    ]
    return csv_bytes(ORDERS, rows, encoding)


def trades(day: int, count: int = 30) -> bytes:
    return jsonl_bytes(
        [
            {
                "kdt_id": "youzan_market",
                "tid": f"E{day:08}{at:012}",
                "full_order_info": {"orders": [{"oid": at, "title": "奶粉"}]},
            }
            for at in range(count)
        ]
    )


def events(day: int, count: int = 50) -> bytes:
    return parquet_bytes(
        {
            "kdt_id": ["youzan_market"] * count,
            "event_id": [f"{day}-{at}" for at in range(count)],
            "event": ["page_view"] * count,
            "occurred_at": [f"2017-01-{day:02} 11:00:00"] * count,
            "num": list(range(count)),
        }
    )


def stores(day: int) -> bytes:
    return csv_bytes(
        ["store_code", "name"], [["S1", f"一号店 {day}"], ["S2", "二号店"]]
    )


def write(directory: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return directory


def good_drops(directory: Path, days: int = 3) -> Path:
    for day in range(1, days + 1):
        drop = f"2017-01-{day:02}"
        torn = b'1,"half a li' if day == 2 else b""
        write(
            directory,
            {
                f"{drop}/tmall/orders_{day}.csv": orders(day),
                f"{drop}/youzan/trades_{day}.jsonl.gz": gzip.compress(
                    trades(day), mtime=0
                ),
                f"{drop}/youzan/events_{day}.parquet": events(day),
                f"{drop}/pos/stores_{day}.csv": stores(day) + torn,
            },
        )
    return directory


def state(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that landed, sorted, without load ids and times of loading."""
    raw = {
        f"{channel.raw_schema}.{table.table}": [
            column for column in table.landed_columns if column != "_load_id"
        ]
        for channel in load_contracts().values()
        for table in channel.tables
    }
    with connect(url) as conn:
        return {
            name: sorted(
                conn.execute(
                    sql.SQL("select {} from {}").format(
                        sql.SQL(", ").join(
                            sql.SQL("{}::text").format(sql.Identifier(column))
                            for column in columns
                        ),
                        sql.Identifier(*name.split(".")),
                    )
                ).fetchall(),
                key=repr,
            )
            for name, columns in (raw | LEDGER).items()
        }
