"""What no export should hold, in every format: files, and what must become of them.

TARGETS names one table per line that the cases are delivered to; a channel more is a
line more. CASES are functions of a target: what is delivered and its reckoning.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from ingestion.contract import Table, load_contracts

DAY = "2017-12-31"
AT_NOON = f"{DAY} 12:00:00"
MARK = "@@"


@dataclass(frozen=True)
class Target:
    """A table, the models that stage it, and a good row with the places to spoil.

    `key`, `moment`, `amount` and `words` are columns, with dots inside JSON. A table
    without amounts of money takes negative numbers: `negative` is None.
    """

    channel: str
    table: str
    base_model: str
    staged_model: str
    key: str
    moment: str
    amount: str
    words: str
    row: dict[str, Any]
    negative: str | None = "negative_amount"

    @property
    def contract(self) -> Table:
        return next(
            table
            for table in load_contracts()[self.channel].tables
            if table.table == self.table
        )

    def rows(self, case: str, *changes: dict[str, Any]) -> list[dict[str, Any]]:
        """One good row per change, with an id of its own."""
        rows = []
        for at, change in enumerate(changes):
            row = deepcopy(self.row)
            _set(row, self.key, f"{sum(case.encode()):05}{len(case):04}{at:010}")
            _set(row, self.moment, AT_NOON)
            for place, value in change.items():
                _set(row, getattr(self, place), value)
            rows.append(row)
        return rows

    def written(self, rows: list[dict[str, Any]]) -> bytes:
        """The rows as a file of the table's format and encoding."""
        if self.contract.format == "csv":
            text = io.StringIO()
            writer = csv.writer(text)
            writer.writerows([rows[0], *(row.values() for row in rows)])
            return text.getvalue().encode(self.contract.encoding)
        if self.contract.format == "jsonl":
            lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
            return "".join(lines).encode()
        columns = {name: [str(row[name]) for row in rows] for name in rows[0]}
        return as_parquet(pa.table(columns))


@dataclass(frozen=True)
class Delivery:
    """A file, and its reckoning: rows = staged + not due + quarantined + rejected."""

    content: bytes
    rows: int = 0
    quarantined: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)
    not_yet_due: int = 0
    refused: str = ""

    @property
    def landed(self) -> int:
        return self.rows - sum(self.quarantined.values())

    @property
    def staged(self) -> int:
        return self.landed - sum(self.rejected.values()) - self.not_yet_due


TARGETS = [
    Target(
        *("tmall", "orders", "base_tmall__orders", "stg_tmall__orders"),
        *("订单编号", "订单创建时间", "应付商品金额", "收货人姓名"),
        {
            "店铺ID": "tmall_market",
            "订单编号": "",
            "买家OUID": "u1",
            "订单状态": "交易成功",
            "订单创建时间": "",
            "应付商品金额": "12.50",
            "收货人姓名": "李",
        },
    ),
    Target(
        *("xiaohongshu", "orders"),
        *("base_xiaohongshu__orders", "stg_xiaohongshu__orders"),
        *("订单号", "下单时间", "商品应付", "收货人"),
        {
            "店铺ID": "xiaohongshu_store",
            "订单号": "",
            "用户ID": "u1",
            "订单状态": "已完成",
            "下单时间": "",
            "商品应付": "12.50",
            "收货人": "李",
        },
    ),
    Target(
        *("youzan", "trades", "base_youzan__trades", "stg_youzan__orders"),
        *("tid", "full_order_info.order_info.created"),
        *("full_order_info.pay_info.goods_fee",),
        *("full_order_info.address_info.receiver_name",),
        {
            "kdt_id": "youzan_market",
            "tid": "",
            "full_order_info": {
                "order_info": {"status": "TRADE_SUCCESS", "created": ""},
                "buyer_info": {"yz_open_id": "u1"},
                "address_info": {"receiver_name": "李"},
                "pay_info": {"goods_fee": "12.50"},
                "orders": [],
            },
        },
    ),
    Target(
        *("kuaishou", "orders", "base_kuaishou__orders", "stg_kuaishou__orders"),
        *("oid", "order_base_info.create_time", "order_fee_info.goods_fee"),
        *("order_address.receiver_name",),
        {
            "shop_id": "kuaishou_store",
            "oid": "",
            "order_base_info": {"buyer_open_id": "u1", "status": 70, "create_time": ""},
            "order_fee_info": {"goods_fee": 1250},
            "order_address": {"receiver_name": "李"},
            "order_item_list": [],
        },
    ),
    Target(
        *("douyin", "orders", "base_douyin__orders", "stg_douyin__orders"),
        *("order_id", "create_time", "goods_amount", "post_receiver"),
        {
            "shop_id": "douyin_flagship",
            "order_id": "",
            "doudian_open_id": "u1",
            "order_status": 5,
            "goods_amount": 1250,
            "create_time": "",
            "post_receiver": "李",
            "sku_order_list": [],
        },
    ),
    Target(
        *("youzan", "events", "base_youzan__events", "stg_youzan__events"),
        *("event_id", "occurred_at", "num", "keyword"),
        {
            "kdt_id": "youzan_market",
            "event_id": "",
            "event": "search",
            "occurred_at": "",
            "num": "1",
            "keyword": "奶粉",
        },
        negative=None,
    ),
]


def good(target: Target) -> Delivery:
    return Delivery(target.written(target.rows("good", {}, {}, {})), 3)


def empty_file(target: Target) -> Delivery:
    return Delivery(b"")


def torn_file(target: Target) -> Delivery:
    content = target.written(target.rows("torn_file", {}, {}))
    if target.contract.format == "parquet":
        return Delivery(content[:-10], refused="is not readable as Parquet")
    return Delivery(gzip.compress(content)[:-10], refused="a torn or damaged gzip file")


def torn_line(target: Target) -> Delivery | None:
    if target.contract.format == "parquet":
        return None  # half a Parquet file is no file
    content = target.written(target.rows("torn_line", {}, {}))
    last = content.splitlines(keepends=True)[-1]
    return Delivery(content[: -len(last) // 2], 2, {"torn_line": 1})


def wrong_bytes(target: Target) -> Delivery:
    content = target.written(target.rows("wrong_bytes", {}, {"words": MARK}, {}))
    return Delivery(content.replace(MARK.encode(), b"\xff\xff"), 3, {"undecodable": 1})


def nul_byte(target: Target) -> Delivery:
    content = target.written(target.rows("nul_byte", {}, {"words": MARK}, {}))
    return Delivery(content.replace(MARK.encode(), b"a\0"), 3, {"nul_byte": 1})


def quotes_and_line_breaks(target: Target) -> Delivery:
    words = ['"', 'say "hi",\n再见\r\n;', "'", '","', "\\N", "\\.", "\t\\"]
    changes = [{"words": one} for one in words]
    rows = target.rows("quotes_and_line_breaks", *changes)
    return Delivery(target.written(rows), len(words))


def line_of_10_mb(target: Target) -> Delivery:
    rows = target.rows("line_of_10_mb", {"words": "长" * (10 << 18)}, {})
    return Delivery(target.written(rows), 2)


def nested_10000_deep(target: Target) -> Delivery:
    deep = "[" * 10_000 + "]" * 10_000
    rows = target.rows("nested_10000_deep", {}, {"words": MARK}, {})
    content = target.written(rows)
    if target.contract.format == "parquet":
        return Delivery(target.written(_with(rows, target.words, deep)), 3)
    content = content.replace(f'"{MARK}"'.encode(), deep.encode())
    content = content.replace(MARK.encode(), deep.encode())
    is_json = target.contract.format == "jsonl"
    return Delivery(content, 3, {"nested_too_deep": 1} if is_json else {})


def header_twice(target: Target) -> Delivery:
    rows = target.rows("header_twice", {}, {})
    content = target.written(rows)
    refused = "comes twice in the header"
    first = next(iter(target.row))
    if target.contract.format == "csv":
        lines = content.decode(target.contract.encoding).splitlines()
        text = "".join(f"{line},{first}\r\n" for line in lines)
        return Delivery(text.encode(target.contract.encoding), refused=refused)
    if target.contract.format == "parquet":
        table = parquet.read_table(io.BytesIO(content))
        twice = pa.table(
            [*table.columns, table.column(0)], names=[*table.column_names, first]
        )
        return Delivery(as_parquet(twice), refused=refused)
    # In JSON a name may come twice, and the last one holds.
    return Delivery(content.replace(b"{", f'{{"{first}": "x", '.encode(), 1), 2)


def wrong_delimiter(target: Target) -> Delivery | None:
    return _delimited_by(target, ";")


def tabs(target: Target) -> Delivery | None:
    return _delimited_by(target, "\t")


def _delimited_by(target: Target, mark: str) -> Delivery | None:
    if target.contract.format != "csv":
        return None
    content = target.written(target.rows("wrong_delimiter", {}, {}))
    refused = f"seems separated by {mark!r}"
    return Delivery(content.replace(b",", mark.encode()), refused=refused)


def years_1_and_9999(target: Target) -> Delivery:
    moments = ["0001-01-01 00:00:00", "9999-12-31 23:59:59", AT_NOON]
    rows = target.rows("years_1_and_9999", *({"moment": one} for one in moments))
    return Delivery(target.written(rows), 3, rejected={"bad_timestamp": 2})


def tomorrow(target: Target) -> Delivery:
    rows = target.rows("tomorrow", {"moment": "2018-01-01 00:00:01"}, {})
    return Delivery(target.written(rows), 2, not_yet_due=1)


def absurd_amounts(target: Target) -> Delivery:
    rows = target.rows(
        "absurd_amounts",
        *({"amount": one} for one in (-1, 1e308, -1e308, "NaN", "1e5000", 1)),
    )
    delivery = Delivery(target.written(rows), 6, rejected={"bad_amount": 4})
    if target.negative is None:
        return delivery
    return replace(delivery, rejected={"bad_amount": 4, target.negative: 1})


CASES: list[Callable[[Target], Delivery | None]] = [
    *(good, empty_file, torn_file, torn_line, wrong_bytes, nul_byte),
    *(quotes_and_line_breaks, line_of_10_mb, nested_10000_deep, header_twice),
    *(wrong_delimiter, tabs, years_1_and_9999, tomorrow, absurd_amounts),
]


def as_parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    parquet.write_table(table, sink, compression="none", use_dictionary=False)
    return sink.getvalue()


def _set(row: dict[str, Any], place: str, value: Any) -> None:
    *outer, last = place.split(".")
    for name in outer:
        row = row[name]
    row[last] = value


def _with(rows: list[dict[str, Any]], place: str, value: str) -> list[dict[str, Any]]:
    for row in rows:
        _set(row, place, value)
    return rows
