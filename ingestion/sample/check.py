"""The reckoning: every source line and every added row, from the files to the marts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
from psycopg import sql

from ingestion.sample.generate import truth_folder
from warehouse.connection import copy_frame, read_frame
from warehouse.errors import QuanyuError

LINES = "order_lines.line_id"


@dataclass(frozen=True)
class Finding:
    """One thing compared: texts as shown, and how many rows have no account."""

    what: str
    expected: str
    found: str
    unaccounted: int


def read_truth(out: Path, name: str) -> pd.DataFrame:
    """Read a truth table of the sample in `out`, or say how to make one."""
    path = truth_folder(out) / f"{name}.parquet"
    if not path.exists():
        raise QuanyuError(f"{path} is missing: run `quanyu sample --out {out}` first")
    return pd.read_parquet(path)


def reconcile(conn: psycopg.Connection, out: Path) -> list[Finding]:
    """Compare the truth of the sample in `out` with the warehouse.

    Needs the marts to be built as of the sample's last day. Reads only; what it copies
    are temporary tables.
    """
    lines, injected = read_truth(out, "lines"), read_truth(out, "injected")
    world = json.loads((truth_folder(out) / "world.json").read_text("utf-8"))
    try:
        return [
            *_source_lines(conn, lines, injected),
            *_staged(conn, injected),
            *_rejected(conn, injected, world),
            *_quarantined(conn, injected),
        ]
    except psycopg.errors.UndefinedTable as error:
        raise QuanyuError("the marts are not built: run `quanyu run` first") from error


def _put(conn: psycopg.Connection, name: str, frame: pd.DataFrame) -> None:
    """Copy a frame into a temporary table; whole numbers as bigint, all else text."""
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(
            sql.Identifier(str(column)),
            sql.SQL("bigint" if frame[column].dtype == "int64" else "text"),
        )
        for column in frame
    )
    table = sql.Identifier("pg_temp", name)
    conn.execute(sql.SQL("drop table if exists {}").format(table))
    conn.execute(sql.SQL("create table {} ({})").format(table, columns))
    copy_frame(conn, f"pg_temp.{name}", frame)
    conn.execute(sql.SQL("analyze {}").format(table))


def _source_lines(
    conn: psycopg.Connection, lines: pd.DataFrame, injected: pd.DataFrame
) -> list[Finding]:
    """Every source line is one row of fct_order_lines, with its money, or rejected."""
    frame = lines[["channel", "order_id", "line_id", "goods_cents"]]
    _put(conn, "sample_lines", frame)
    extra = injected[injected["staged_in"] == LINES]
    added = extra[["channel", "record_id"]].rename(columns={"record_id": "line_id"})
    _put(conn, "sample_added_lines", added)
    row = read_frame(
        conn,
        """
        select
            count(lines.line_id) as found,
            count(*) filter (where truth.line_id is not null) as expected,
            count(*) filter (where lines.line_id is null) as lost,
            count(*) filter (
                where truth.line_id is null and added.line_id is null
            ) as invented,
            coalesce(sum(truth.goods_cents), 0) as expected_cents,
            coalesce(
                sum(lines.goods_amount * 100)
                filter (where truth.line_id is not null), 0
            ) as found_cents,
            count(*) filter (
                where truth.goods_cents <> lines.goods_amount * 100
                    or truth.order_id <> orders.order_id
            ) as different
        from marts.fct_order_lines as lines
        inner join marts.fct_orders as orders on orders.order_key = lines.order_key
        full join pg_temp.sample_lines as truth
            on truth.channel = lines.channel_code and truth.line_id = lines.line_id
        left join pg_temp.sample_added_lines as added
            on added.channel = lines.channel_code and added.line_id = lines.line_id
        """,
    ).iloc[0]
    cents = int(row["expected_cents"]) - int(row["found_cents"])
    return [
        Finding(
            "source lines in fct_order_lines",
            f"{int(row['expected']):,}",
            f"{int(row['expected'] - row['lost']):,}",
            int(row["lost"]),
        ),
        Finding(
            "goods amount of source lines, yuan",
            f"{int(row['expected_cents']) / 100:,.2f}",
            f"{int(row['found_cents']) / 100:,.2f}",
            abs(cents) or int(row["different"]),
        ),
        Finding("lines that nobody bought or added", "0", str(int(row["invented"])),
                int(row["invented"])),
    ]  # fmt: skip


def _staged(conn: psycopg.Connection, injected: pd.DataFrame) -> list[Finding]:
    """Added orders, lines and refunds that mean something are in staging."""
    due = injected[injected["expected"] == "staged"]
    counts = []
    for place, rows in due.groupby(due["channel"] + "." + due["staged_in"]):
        channel, objects, column = str(place).split(".")
        _put(conn, "sample_added", rows[["kind", "record_id"]])
        query = sql.SQL(
            "select kind, count(*) as due, count(*) filter (where record_id in ("
            "select {} from {})) as found from pg_temp.sample_added group by kind"
        ).format(
            sql.Identifier(column),
            sql.Identifier("staging", f"stg_{channel}__{objects}"),
        )
        counts.append(read_frame(conn, query).assign(objects=objects))
    if not counts:
        return []
    every = pd.concat(counts)
    totals = every.groupby(every["objects"] + ": " + every["kind"])
    return [
        Finding(str(what), f"{row.due:,} staged", f"{row.found:,}",
                int(row.due - row.found))
        for what, row in totals[["due", "found"]].sum().iterrows()
    ]  # fmt: skip


def _rejected(
    conn: psycopg.Connection, injected: pd.DataFrame, world: dict[str, Any]
) -> list[Finding]:
    """Every damaged row is rejected for its own reason, and no other row is.

    What is nested in a row (source table with a dot) shares its fate.
    """
    due = injected[injected["expected"].str.startswith("rejected:")].copy()
    due["reason"] = due["expected"].str.removeprefix("rejected:")
    expected = due.groupby(["channel", "table", "reason"]).size()
    for name, count in world["superseded_by_later_drops"].items():
        channel, table = name.split(".")
        key = (channel, table, "superseded")
        if count:
            expected[key] = expected.get(key, 0) + count
    found = pd.concat(
        [
            read_frame(
                conn,
                sql.SQL(
                    "select source_table as table, reject_reason as reason, "
                    "count(*) as rows from {} where strpos(source_table, '.') = 0 "
                    "group by 1, 2"
                ).format(sql.Identifier("staging", f"stg_{channel}__rejects")),
            ).assign(channel=channel)
            for channel in dict.fromkeys(name.split(".")[0] for name in world["rows"])
        ]
    ).set_index(["channel", "table", "reason"])["rows"]
    both = pd.concat([expected, found], axis=1, keys=["expected", "found"]).fillna(0)
    both["gap"] = (both["expected"] - both["found"]).abs()
    by_reason = both.groupby(level="reason").sum().astype("int64")
    return [
        Finding(
            f"rejected: {reason}", f"{row.expected:,}", f"{row.found:,}", int(row.gap)
        )
        for reason, row in by_reason.iterrows()
    ]


def _quarantined(conn: psycopg.Connection, injected: pd.DataFrame) -> list[Finding]:
    """Every broken line is in quarantine with its bytes."""
    due = injected[injected["expected"] == "quarantined"]
    expected = due.groupby(["channel", "table"]).size()
    found = read_frame(
        conn,
        """
        select
            files.channel_code as channel, files.table_name as table, count(*) as rows
        from landing.raw_quarantine as lines
        inner join landing.files as files on files.file_id = lines.file_id
        group by 1, 2
        """,
    ).set_index(["channel", "table"])["rows"]
    both = pd.concat([expected, found], axis=1, keys=["expected", "found"]).fillna(0)
    gap = (both["expected"] - both["found"]).abs().sum()
    return [
        Finding(
            "broken lines in quarantine",
            f"{int(both['expected'].sum()):,}",
            f"{int(both['found'].sum()):,}",
            int(gap),
        )
    ]
